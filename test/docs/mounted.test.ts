// Is the OpenAPI document made from the routes that are mounted, so that one that is not mounted is not in it?
import { expect, test } from "bun:test";
import { openApiDocument } from "../../src/docs/document.ts";
import type { Endpoint } from "../../src/http/endpoint.ts";
import { mount } from "../../src/http/mount.ts";
import { openWorld } from "../harness.ts";

/** The paths of the document of an app on which these endpoints are mounted, while all of `endpoints` were meant to be. */
function pathsOf(mounted: readonly Endpoint[], endpoints: readonly Endpoint[]): string[] {
  const app = mount(mounted, {
    log: openWorld().workspace.log,
    revenueTracking: true,
    checkAnswers: true,
    deadlineMs: 1000,
    idempotency: { identify: () => ({ keyHash: "", requestHash: "" }) },
    gate: () => ({ key: undefined, headers: {} }),
    isClosing: () => false,
  });
  const { paths } = openApiDocument(app, endpoints, "") as { paths: Record<string, object> };
  return Object.entries(paths).flatMap(([path, operations]) => Object.keys(operations).map((method) => `${method} ${path}`));
}

test("a route that is not mounted is not in the document", () => {
  const { endpoints } = openWorld().app;
  const shown = endpoints.filter(({ hidden }) => !hidden);
  const all = pathsOf(endpoints, endpoints);
  expect(all).toHaveLength(shown.length);
  const without = pathsOf(
    endpoints.filter(({ path }) => path !== "/customers/cohorts"),
    endpoints,
  );
  expect(all.filter((each) => !without.includes(each))).toEqual(["get /customers/cohorts"]);
});
