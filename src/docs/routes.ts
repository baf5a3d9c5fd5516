// GET /docs: the API's own description, and Swagger UI to try it with. Nothing comes from another host.
import { type Endpoint, endpoint } from "../endpoint.ts";

export function docsEndpoints(app: () => unknown): Endpoint[] {
  return [];
}
