/** Agents of four trades, to see that the brain goes by words and schemas, not by a trade. */
import type { ToolForTest } from './electron.ts';

interface Domain {
  instructions: string;
  tools: ToolForTest[];
}

const text = (description = ''): object => ({ type: 'string', description });
const object = (properties: object, required = Object.keys(properties)): object => ({
  type: 'object',
  properties,
  required,
});

export const CLINIC: Domain = {
  instructions:
    'You are the front desk of Acme Clinic. Say a brief acknowledgement before you use a tool. Parking is free behind the building.',
  tools: [
    {
      name: 'opening_hours',
      description: 'Tells when the clinic is open.',
      parameters: object({ day: text('Day, YYYY-MM-DD') }, []),
      run: () => ({ opens: '09:00', closes: '17:30' }),
    },
    {
      name: 'find_appointments',
      description: 'Finds free appointments on a day.',
      parameters: object({ date: { type: 'string', format: 'date' }, doctor: text('Name of the doctor') }, ['date']),
      run: ({ date }) => ({
        slots: [
          { slotId: 'S1', doctor: 'Dr. Shah', time: `${String(date)}T10:00` },
          { slotId: 'S2', doctor: 'Dr. Lee', time: `${String(date)}T11:30` },
        ],
      }),
    },
    {
      name: 'book_appointment',
      description: 'Books a free appointment for a patient.',
      parameters: object(
        { slotId: text('From find_appointments'), name: text("Patient's full name"), phone: text('Phone number') },
        ['slotId', 'name'],
      ),
      run: ({ slotId }) => ({ ok: true, confirmation: `C-${String(slotId)}` }),
    },
    {
      name: 'cancel_appointment',
      description: 'Cancels an appointment.',
      parameters: object({ confirmation: text('Confirmation code') }),
      run: () => ({ ok: true }),
    },
    { name: 'end_call', description: 'Ends the call.', parameters: object({}), run: () => ({ ok: true }) },
  ],
};

const orderNumber = { type: 'string', pattern: '^\\d{6,10}$', description: 'Digits only.' };

export const ORDERS: Domain = {
  instructions: 'You are a shop agent.',
  tools: [
    {
      name: 'lookup_order',
      description: 'Finds an order by the number the caller reads out.',
      parameters: object({ orderNumber }),
      run: ({ orderNumber: number }) =>
        String(number).startsWith('9')
          ? { found: false }
          : { found: true, order: { id: number, status: 'shipped', eta: '2026-08-24' } },
    },
    {
      name: 'cancel_order',
      description: 'Cancels an order that has not been shipped.',
      parameters: object(
        { orderNumber, reason: { type: 'string', enum: ['changed_mind', 'too_late', 'wrong_item'] } },
        ['orderNumber'],
      ),
      run: () => ({ error: 'The order has already left the warehouse.' }),
    },
    {
      name: 'request_refund',
      description: 'Refunds an order.',
      parameters: object({ orderNumber, amount: { type: 'number' } }, ['orderNumber']),
      run: () => ({ ok: true, message: 'The refund is on its way.' }),
    },
  ],
};

export const TRAVEL: Domain = {
  instructions: 'You are a travel agent. Confirm the details with the caller before booking anything.',
  tools: [
    {
      name: 'flight_status',
      description: 'Look up the status of one flight.',
      parameters: object({ flight: text('Flight number, such as QX41') }),
      run: () => ({ status: 'delayed', minutes: 25 }),
    },
    {
      name: 'search_flights',
      description: 'Finds flights between two cities.',
      parameters: object(
        { from: text(), to: text(), date: text('YYYY-MM-DD'), passengers: { type: 'integer', minimum: 1, default: 1 } },
        ['from', 'to', 'date'],
      ),
      run: () => ({
        flights: [
          { flightId: 'F1', departs: '08:15', price: 120 },
          { flightId: 'F2', departs: '17:40', price: 95 },
        ],
      }),
    },
    {
      name: 'book_flight',
      description: 'Books a seat on a flight.',
      parameters: object({ flightId: text(), passengerName: text() }),
      run: () => ({ ok: true, reference: 'ZX81QQ' }),
    },
    {
      name: 'weather',
      description: 'The weather in a city.',
      parameters: object({ city: text() }),
      run: ({ city }) => ({ city, forecast: 'sunny', high: 31 }),
    },
    {
      name: 'hotel_search',
      description: 'Finds hotels.',
      parameters: object({ city: text(), nights: { type: 'integer' }, guests: { type: 'integer' } }, [
        'city',
        'nights',
      ]),
      run: () => ({ hotels: [{ name: 'Grand', price: 80 }] }),
    },
  ],
};

const account = { type: 'string', enum: ['checking', 'savings'] };

export const BANK: Domain = {
  instructions: 'You are a bank agent.',
  tools: [
    {
      name: 'get_balance',
      description: 'Returns the balance of an account.',
      parameters: object({ account }),
      run: ({ account: which }) => ({ account: which, balance: 1520.5, currency: 'EUR' }),
    },
    {
      name: 'list_transactions',
      description: 'Lists recent transactions of an account.',
      parameters: object({ account, limit: { type: 'integer', maximum: 20 } }, ['account']),
      run: () => [],
    },
    {
      name: 'transfer_money',
      description: 'Transfers money to a payee.',
      parameters: object(
        {
          amount: { type: 'number', exclusiveMinimum: 0 },
          payee: text('Name of the payee'),
          date: { type: 'string', format: 'date' },
        },
        ['amount', 'payee'],
      ),
      run: () => ({ ok: true, transferId: 'T1' }),
    },
    {
      name: 'block_card',
      description: 'Blocks a card that was lost or stolen.',
      parameters: object({
        lastFour: { type: 'string', pattern: '^\\d{4}$', description: 'Last four digits of the card' },
      }),
      run: () => ({ ok: false, message: 'card not found' }),
    },
    {
      name: 'transfer_call',
      description: 'Puts the caller through to a person.',
      parameters: object({ to: { type: 'string', enum: ['front-desk', 'fraud'] } }),
      run: () => ({ ok: true }),
    },
  ],
};

/** Generic shapes that zod makes: nested objects, lists, choices, yes or no, moments. */
export const RESTAURANT: Domain = {
  instructions: 'You take orders and reservations. Today is Friday, 21 August 2026.',
  tools: [
    {
      name: 'reserve_table',
      description: 'Reserves a table.',
      parameters: object(
        {
          when: { type: 'string', format: 'date-time' },
          guests: { type: 'integer', minimum: 1, maximum: 12 },
          contact: object({ name: text(), phone: text() }),
          outdoor: { type: 'boolean' },
        },
        ['when', 'guests', 'contact'],
      ),
      run: () => ({ ok: true, message: 'Your table is reserved.' }),
    },
    {
      name: 'order_pizza',
      description: 'Orders a pizza for delivery.',
      parameters: object(
        {
          size: { anyOf: [{ type: 'string', enum: ['small', 'medium', 'large'] }, { type: 'null' }] },
          toppings: { type: 'array', items: { type: 'string', enum: ['ham', 'mushrooms', 'olives', 'extra cheese'] } },
          address: text('Street and number'),
        },
        ['size', 'toppings', 'address'],
      ),
      run: () => ({ ok: true, minutes: 40 }),
    },
  ],
};

/** Lists of bare times, no ids: what is booked is a day and a time. */
export const SALON: Domain = {
  instructions: 'You answer the phone of a hair salon. Say a short phrase before you use a tool.',
  tools: [
    {
      name: 'find_visits',
      description: 'Finds the free times on a day.',
      parameters: object({ date: { type: 'string', format: 'date' } }),
      run: ({ date }) => ({ date, free_times: ['09:30', '10:00', '14:30'] }),
    },
    {
      name: 'book_visit',
      description: 'Books a visit at a day and time that is free.',
      parameters: object({
        date: { type: 'string', format: 'date' },
        time: { type: 'string', pattern: '^\\d{2}:\\d{2}$' },
        name: text('The name of the customer.'),
      }),
      run: ({ date, time, name }) =>
        time === '09:00'
          ? { error: 'Nine is not free, ten is.' }
          : { booked: true, reference: 'A1001', date, time, name },
    },
    {
      name: 'cancel_visit',
      description: 'Cancels a visit by its reference.',
      parameters: object({ reference: { type: 'string', pattern: '^A\\d{4}$' } }),
      run: () => ({ cancelled: true }),
    },
  ],
};
