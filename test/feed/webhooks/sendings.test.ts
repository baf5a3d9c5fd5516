// Does an endpoint that fails again and again rest, so that it takes nothing from others, and go on at full speed once it answers?
import { expect, test } from "bun:test";
import type { MessageRow } from "../../../src/feed/webhooks/messages.ts";
import { openSendings } from "../../../src/feed/webhooks/sendings.ts";

const message = (id: number, endpoint = 1) => ({ id, endpoint }) as MessageRow;

test("it rests after eight failures in a row, longer each time, and then one message is tried", () => {
  let now = 0;
  const sendings = openSendings(() => now);
  expect(sendings.room(1)).toBe(8);
  const fail = (id: number) => {
    sendings.begin(message(id));
    sendings.end(message(id), false);
    sendings.stored(message(id));
  };
  for (let id = 1; id < 8; id++) fail(id);
  expect(sendings.room(1)).toBe(8);
  const rests: number[] = [];
  for (let id = 8; id < 12; id++) {
    fail(id);
    const since = now;
    for (; sendings.room(1) === 0; now += 1000);
    rests.push(now - since);
    expect(sendings.room(1)).toBe(1);
  }
  expect(rests).toEqual([2000, 4000, 5000, 5000]);
  expect(sendings.room(2)).toBe(8);
  sendings.begin(message(12));
  expect(sendings.room(1)).toBe(0);
  sendings.end(message(12), true);
  expect(sendings.room(1)).toBe(8);
});

test("a message is in hand until the database knows its outcome", () => {
  const sendings = openSendings(() => 0);
  sendings.begin(message(1));
  expect([sendings.isInHand(1), sendings.inHand(1), sendings.room(1)]).toEqual([true, 1, 7]);
  sendings.end(message(1), true);
  expect([sendings.isInHand(1), sendings.inHand(1), sendings.room(1)]).toEqual([true, 1, 8]);
  sendings.stored(message(1));
  expect([sendings.isInHand(1), sendings.inHand(1)]).toEqual([false, 0]);
});
