import { expect, test } from 'vitest';
import { converse, type Said } from '../../helpers/electron.ts';
import { BANK, CLINIC, ORDERS, RESTAURANT, SALON, TRAVEL } from '../../helpers/domains.ts';

const callsOf = (said: readonly Said[]): Said[] => said.filter((one) => /^[a-z_]+ \{/.test(one));
const wordsOf = (said: readonly Said[]): string => said.filter((one) => !/^[a-z_]+ \{/.test(one)).join(' ');

test('a question finds its tool, the filler comes first, the result is told in words', () => {
  const [said] = converse(CLINIC, ['When do you open?']);
  expect(said).toHaveLength(3);
  expect(said?.[0]).toMatch(/let me|while I/);
  expect(said?.[1]).toBe('opening_hours {}');
  expect(said?.[2]).toBe("It opens at 9 o'clock and it closes at 5:30 in the afternoon.");
});

test('without a cue in the system prompt there is no filler', () => {
  const [said] = converse({ ...CLINIC, instructions: 'You are a front desk.' }, ['When do you open?']);
  expect(said?.[0]).toBe('opening_hours {}');
});

test('an appointment is found, offered, confirmed and booked with the id from the list', () => {
  const [found, agreed, booked] = converse(CLINIC, [
    'I need an appointment tomorrow at ten',
    'yes please',
    'Maria Lopez',
  ]);
  expect(callsOf(found!)).toEqual(['find_appointments {"date":"2026-08-22"}']);
  expect(wordsOf(found!)).toContain("Dr. Shah, tomorrow at 10 o'clock");
  expect(wordsOf(found!)).toMatch(/\?$/);
  expect(wordsOf(agreed!)).toMatch(/your name/);
  expect(callsOf(booked!)).toEqual(['book_appointment {"slotId":"S1","name":"Maria Lopez"}']);
  expect(wordsOf(booked!)).toContain('C-S1');
});

test('a chain runs in one turn when the caller has said it all', () => {
  const [said] = converse(CLINIC, ['Book me an appointment tomorrow at half past eleven, my name is John Smith']);
  expect(callsOf(said!)).toEqual([
    'find_appointments {"date":"2026-08-22"}',
    'book_appointment {"slotId":"S2","name":"John Smith"}',
  ]);
});

test('one of several is chosen by its place in the list, and a new day asks again', () => {
  const turns = converse(CLINIC, [
    'anything free on friday?',
    'and on monday?',
    'the second one please',
    "it's maria lopez",
  ]);
  expect(turns.map(callsOf)).toEqual([
    ['find_appointments {"date":"2026-08-28"}'],
    ['find_appointments {"date":"2026-08-24"}'],
    [],
    ['book_appointment {"slotId":"S2","name":"Maria Lopez"}'],
  ]);
});

test('facts are answered from the system prompt, thanks with thanks, and a farewell ends the call', () => {
  const [fact, thanks, bye] = converse(CLINIC, ['where can I park?', 'thank you', "no, that's all, bye"]);
  expect(fact).toEqual(['Parking is free behind the building.']);
  expect(thanks?.[0]).toMatch(/welcome/);
  expect(bye?.[0]).toMatch(/goodbye/i);
  expect(bye?.[1]).toBe('end_call {}');
});

test('a number that nobody gave is asked for, may be spelled, and is remembered', () => {
  const turns = converse(ORDERS, ['where is my order?', 'one two three four five six', 'cancel it, I changed my mind']);
  expect(wordsOf(turns[0]!)).toBe('Could you tell me the order number, please?');
  expect(callsOf(turns[1]!)).toEqual(['lookup_order {"orderNumber":"123456"}']);
  expect(wordsOf(turns[1]!)).toBe('The status is shipped and the eta is Monday the 24th of August.');
  expect(callsOf(turns[2]!)).toEqual(['cancel_order {"orderNumber":"123456","reason":"changed_mind"}']);
  expect(wordsOf(turns[2]!)).toMatch(/^I'm sorry, .*already left the warehouse/);
});

test('nothing found is told as such', () => {
  const [said] = converse(ORDERS, ['Where is my parcel, order number 987654?']);
  expect(callsOf(said!)).toEqual(['lookup_order {"orderNumber":"987654"}']);
  expect(wordsOf(said!)).toMatch(/^I'm sorry, I could not find/);
});

test('two wishes in one sentence are two calls in one answer, each with its own values', () => {
  const [orders] = converse(ORDERS, ['cancel order 123456 and look up order 654321']);
  expect(callsOf(orders!)).toEqual(['cancel_order {"orderNumber":"123456"}', 'lookup_order {"orderNumber":"654321"}']);
  const [travel] = converse(TRAVEL, [
    "what's the weather in Pune and find me a hotel there for two nights for 3 people",
  ]);
  expect(callsOf(travel!)).toEqual(['weather {"city":"Pune"}', 'hotel_search {"city":"Pune","nights":2,"guests":3}']);
  const [cities] = converse(TRAVEL, ['how is the weather in Paris and London']);
  expect(callsOf(cities!)).toEqual(['weather {"city":"Paris"}', 'weather {"city":"London"}']);
});

test('where the system prompt asks for a confirmation, nothing is booked before the yes', () => {
  const turns = converse(TRAVEL, [
    'I want to fly from Delhi to Goa',
    'next friday',
    'the one at 17:40, my name is Asha Rao',
    'yes',
  ]);
  expect(wordsOf(turns[0]!)).toBe('What day would you like?');
  expect(callsOf(turns[1]!)).toEqual(['search_flights {"from":"Delhi","to":"Goa","date":"2026-08-28"}']);
  expect(callsOf(turns[2]!)).toEqual([]);
  expect(wordsOf(turns[2]!)).toMatch(/^Shall I book the flight, passenger name Asha Rao\?$/);
  expect(callsOf(turns[3]!)).toEqual(['book_flight {"flightId":"F2","passengerName":"Asha Rao"}']);
});

test('a no to the confirmation leaves it undone', () => {
  const turns = converse(TRAVEL, [
    'find flights from Delhi to Goa tomorrow',
    'the first one, my name is Asha Rao',
    'no',
  ]);
  expect(callsOf(turns[2]!)).toEqual([]);
  expect(wordsOf(turns[2]!)).toMatch(/Alright/);
});

test('the same tool is asked again for another place', () => {
  const turns = converse(TRAVEL, ['weather in Goa?', 'and in Delhi?']);
  expect(turns.map(callsOf)).toEqual([['weather {"city":"Goa"}'], ['weather {"city":"Delhi"}']]);
});

test('choices, amounts, names and days are filled from a sentence', () => {
  const turns = converse(BANK, [
    'how much money do I have on my savings account?',
    'send fifty euros to Maria Lopez tomorrow',
    'I lost my card',
    'four two four two',
  ]);
  expect(turns.map(callsOf)).toEqual([
    ['get_balance {"account":"savings"}'],
    ['transfer_money {"amount":50,"payee":"Maria Lopez","date":"2026-08-22"}'],
    [],
    ['block_card {"lastFour":"4242"}'],
  ]);
  expect(wordsOf(turns[0]!)).toBe('The account is savings and the balance is 1520.5 EUR.');
  expect(wordsOf(turns[2]!)).toMatch(/last four digits of the card/);
  expect(wordsOf(turns[3]!)).toMatch(/^I'm sorry.*card not found/);
});

test('a caller who wants a person is put through, with the choice asked for', () => {
  const turns = converse(BANK, ['I want to talk to a human', 'fraud']);
  expect(wordsOf(turns[0]!)).toBe('Which would you like: front desk, fraud?');
  expect(callsOf(turns[1]!)).toEqual(['transfer_call {"to":"fraud"}']);
});

test('moments, nested objects and yes-or-no are filled over several turns; the day comes from the system prompt', () => {
  const turns = converse({ ...RESTAURANT, today: '2020-01-01' }, [
    'I would like to reserve a table for four outdoor, tomorrow',
    'at eight in the evening',
    'Ana Costa',
    '555 0123 444',
  ]);
  expect(turns.slice(0, 3).flatMap(callsOf)).toEqual([]);
  expect(callsOf(turns[3]!)).toEqual([
    'reserve_table {"when":"2026-08-22T20:00:00Z","guests":4,"contact":{"name":"Ana Costa","phone":"5550123444"},"outdoor":true}',
  ]);
});

test('lists are filled with everything that was named', () => {
  const turns = converse(RESTAURANT, ['A large pizza with ham, olives and extra cheese please', '12 Mill Street']);
  expect(wordsOf(turns[0]!)).toMatch(/address|street/i);
  expect(callsOf(turns[1]!)).toEqual([
    'order_pizza {"size":"large","toppings":["ham","olives","extra cheese"],"address":"12 Mill Street"}',
  ]);
});

test('a failed call is not made again by itself', () => {
  const [said] = converse(
    { ...BANK, tools: BANK.tools.map((tool) => ({ ...tool, run: () => ({ error: 'The bank is closed.' }) })) },
    ['send fifty euros to Maria Lopez'],
  );
  expect(callsOf(said!)).toHaveLength(1);
  expect(wordsOf(said!)).toMatch(/bank is closed/);
});

test('without tools it talks: who it is, what it heard, counting', () => {
  const bare = { instructions: 'You are a librarian. The library lends up to six books.', tools: [] };
  const [who, books, count, lost] = converse(bare, [
    'who are you?',
    'how many books can I take?',
    'count to five',
    'blue elephants',
  ]);
  expect(who?.[0]).toMatch(/^I'm a librarian/);
  expect(books).toEqual(['The library lends up to six books.']);
  expect(count).toEqual(['1, 2, 3, 4, 5.']);
  expect(lost?.[0]).toMatch(/How can I help/);
});

test('one of a list of times is booked, by its place or its hour, and cancelled by the reference that came back', () => {
  const turns = converse(SALON, [
    'what is free on Wednesday?',
    "ten o'clock please",
    'Ana Costa',
    'actually cancel that',
  ]);
  expect(turns.map(callsOf)).toEqual([
    ['find_visits {"date":"2026-08-26"}'],
    [],
    ['book_visit {"date":"2026-08-26","time":"10:00","name":"Ana Costa"}'],
    ['cancel_visit {"reference":"A1001"}'],
  ]);
  const [, first] = converse(SALON, ['what is free on Wednesday? My name is Ana', 'the first one']);
  expect(callsOf(first!)).toEqual(['book_visit {"date":"2026-08-26","time":"09:30","name":"Ana"}']);
});

test('what failed is tried again with what the caller changes', () => {
  const turns = converse(SALON, ['Book me a visit tomorrow at nine, I am Ana Costa', 'ten then']);
  expect(wordsOf(turns[0]!)).toMatch(/nine is not free/);
  expect(callsOf(turns[1]!)).toEqual(['book_visit {"date":"2026-08-22","time":"10:00","name":"Ana Costa"}']);
});
