// Do the providers' stories come to the same figures in very many orders?
import { expect, test } from "bun:test";
import { figuresOf, IN_ORDER, play, tellInOrders } from "../intake/webhooks/orders.ts";

test("200 orders of all stories, with repetitions, come to the same figures", async () => {
  const inOrder = await play(IN_ORDER);
  const figures = await figuresOf(inOrder);
  await inOrder.close();
  await tellInOrders(200, figures, (found, wanted) => expect(found).toEqual(wanted));
}, 300_000);
