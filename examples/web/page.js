/** What a page does with a call beside the button: shows what was said, and hands over what is typed. */
const worker = document.cookie.match(/worker=([^;]+)/)?.[1]; // where our server has said that it is
await import(`${decodeURIComponent(worker)}/web/parley.js`); // or `import 'parley-voice/web'`, where a bundler makes the page

const button = document.querySelector('parley-call');
const said = document.querySelector('#said');
const lines = {}; // the line that is still being said, by who says it

button.addEventListener('words', ({ detail: { who, text, isFinal } }) => {
  if (text === '') return;
  lines[who] ??= said.appendChild(Object.assign(document.createElement('li'), { className: who }));
  lines[who].textContent = text;
  if (isFinal) delete lines[who];
});

document.querySelector('#typed').addEventListener('submit', (event) => {
  event.preventDefault();
  const { words } = event.target.elements;
  button.call?.type(words.value);
  words.value = '';
});
