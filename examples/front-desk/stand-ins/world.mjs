// What stands in for the clinic's billing server, in scenarios and in `parley demo front-desk`: fresh for each call.
import { createServer } from 'node:http';

const BILLS = {
  '+15550100': {
    total: '80 euros',
    items: [
      { what: 'visit on Monday', amount: '50 euros' },
      { what: 'blood test', amount: '30 euros' },
    ],
  },
};

export async function create() {
  const server = createServer((request, response) => {
    const number = decodeURIComponent(request.url?.split('/').at(-1) ?? '');
    const bill = BILLS[number];
    response.writeHead(bill ? 200 : 404, { 'content-type': 'application/json' }).end(JSON.stringify(bill ?? {}));
  });
  await new Promise((listening) => server.listen(0, '127.0.0.1', listening));
  return {
    env: { BILLS_URL: `http://127.0.0.1:${server.address().port}` },
    state: () => BILLS,
    close: () => new Promise((closed) => server.close(closed).closeAllConnections()),
  };
}
