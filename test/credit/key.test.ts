// Is the number of a text right after a write that was undone?
import { expect, test } from "bun:test";
import { openCreditKeys } from "../../src/credit/key.ts";
import { openWorld } from "../harness.ts";

for (const between of ["", "INSERT INTO credit_key (text) VALUES ('between')"])
  test(`a text that only an undone write has stored is stored again${between && ", by another number"}`, () => {
    const world = openWorld();
    const { database } = world.workspace;
    const keys = openCreditKeys(database);
    const undone = () =>
      database.write(() => {
        keys.begin();
        keys.ensure("x");
        throw new Error("undone");
      });
    expect(undone).toThrow("undone");
    if (between) database.write(() => database.sqlite.exec(between));
    const id = database.write(() => {
      keys.begin();
      return keys.ensure("x");
    });
    expect(database.sqlite.prepare("SELECT text FROM credit_key WHERE id = ?").pluck().get(id)).toBe("x");
    expect(database.write(() => keys.ensure("x"))).toBe(id);
    world.close();
  });
