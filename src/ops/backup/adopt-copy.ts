// What happens to a restored copy? People who were erased after the copy was made are erased again before anybody reads it.
import { leapAhead } from "../../../db/change.ts";
import { adopt, isCopy } from "../../../db/lineage.ts";
import { endFollowing } from "../../../db/standby.ts";
import type { Context } from "../../context.ts";
import { openErasure } from "../../customer/erase-customer.ts";

/** Turns a restored copy into the workspace's database, and does nothing to any other database. Gives how many people were erased again. */
export async function adoptCopy(context: Context): Promise<number> {
  const { database } = context;
  if (!isCopy(database.sqlite)) return 0;
  // A copy of a standby is a database of its own from now on.
  database.write(() => {
    endFollowing(database.sqlite);
    leapAhead(database.sqlite);
  });
  const erased = await openErasure(context).eraseAgain(database.tombstones.list());
  database.write(() => adopt(database.sqlite));
  return erased;
}
