// Does one answer name every bad field: those that a schema refuses and, beside them, those that only the feature can judge?
import { play } from "./scenario.ts";

const CLICK = { clickId: "c" };

play([
  {
    method: "POST",
    path: "/customers",
    status: 400,
    body: { externalId: "a", email: "x", createdAt: "1969-01-01", color: "red" },
    fields: ["email", "createdAt", "color"],
  },
  {
    method: "GET",
    path: "/customers?limit=0&week=2026-W60&minLtv=1.001&firstTouchAfter=soon&cursor=x",
    status: 400,
    fields: ["limit", "week", "minLtv", "firstTouchAfter", "cursor"],
  },
  { method: "GET", path: "/customers?page=1&cursor=x&limit=0", status: 400, fields: ["cursor", "limit"] },
  { method: "GET", path: "/customers/count?page=1&maxLtv=0.001", status: 400, fields: ["page", "maxLtv"] },
  { method: "GET", path: "/customers/cohorts?group_by=day&start=soon&end=later", status: 400, fields: ["group_by", "start", "end"] },
  { method: "GET", path: "/customers/cohorts?limit=0&start=2026-02-02&end=2026-02-01", status: 400, fields: ["limit", "start"] },
  {
    method: "GET",
    path: "/customers/cus_1/journey?limit=0&start=soon&cursor=x",
    status: 400,
    fields: ["limit", "start", "cursor"],
  },
  { method: "GET", path: "/customers/revenue?group_by=year&start=soon&limit=5", status: 400, fields: ["group_by", "start", "limit"] },
  { method: "GET", path: "/customers/ltv-cohorts?months=0&end=0001-01", status: 400, fields: ["months", "end"] },
  { method: "GET", path: "/changes?after=-1&limit=0&wait=31&color=red", status: 400, fields: ["after", "limit", "wait", "color"] },
  { method: "GET", path: "/changes/rows?after=x&follower=A%20b", status: 400, fields: ["after", "follower"] },
  {
    method: "POST",
    path: "/webhook-endpoints",
    status: 400,
    body: { url: "http://localhost/", events: ["ltv.reached"], threshold: -1, color: "red" },
    fields: ["url", "threshold", "color"],
  },
  { method: "POST", path: "/webhook-endpoints", status: 400, body: { events: ["ltv.reached", "nothing"] }, fields: ["url", "events.1"] },
  {
    method: "POST",
    path: "/imports?dryRun=maybe&map=x&exported_at=soon&color=red",
    status: 400,
    body: "{}",
    fields: ["dryRun", "map", "exported_at", "color"],
  },
  { method: "GET", path: "/imports?limit=0&before=0", status: 400, fields: ["limit", "before"] },
  {
    method: "PUT",
    path: "/rates",
    status: 400,
    body: [
      { currency: "USD", date: "2026-02-30", rate: "x", color: "red" },
      { currency: "EUR", date: "2026-02-31", rate: 0 },
    ],
    fields: ["0.currency", "0.date", "0.rate", "0.color", "1.date", "1.rate"],
  },
  {
    method: "POST",
    path: "/conversions/s2s",
    status: 400,
    body: { click_id: 5, timestamp: "soon", value: 1.001, event: "purchase" },
    fields: ["click_id", "timestamp", "value"],
  },
  {
    method: "GET",
    path: "/conversions/s2s?timestamp=soon&value=x",
    status: 400,
    fields: ["click_id", "timestamp", "value"],
  },
  {
    method: "GET",
    path: "/conversions/postback?amount=1.001",
    status: 400,
    fields: ["lw_cid", "amount"],
  },
  {
    method: "POST",
    path: "/conversions/track",
    status: 400,
    body: { ...CLICK, currency: "nonsense", value: 1.001, email: "x" },
    fields: ["currency", "email"],
  },
  {
    method: "PATCH",
    path: "/customers/cus_1",
    status: 400,
    name: "an empty change",
    body: {},
    fields: [""],
    contains: ["must have at least one field"],
    lacks: ["must be an object"],
  },
]);
