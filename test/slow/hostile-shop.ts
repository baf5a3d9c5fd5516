// What might strangers write into a shop: markup, addresses that run, marks of direction, words without an end, and money of all kinds?
const LONG = "x".repeat(255);
export const HOSTILE = [
  "<img src=x onerror=window.isRun=1>",
  "javascript:window.isRun=1",
  "\u202Egnp.exe",
  "a\u2066b\u2069c",
  LONG,
  "=1+1",
  "'\"><script>window.isRun=1</script>",
];

/** A shop whose every text was written by a stranger, in currencies of all kinds. */
export function hostileEntries(): object[] {
  const entries: object[] = [];
  for (const [index, text] of HOSTILE.entries()) {
    // Direction marks are control characters of format, which names may hold.
    const person = {
      externalId: `${index}-${text}`.slice(0, 255),
      name: text,
      metadata: { [text.slice(0, 60)]: text, note: "<b>bold</b>" },
    };
    const day = String(index + 1).padStart(2, "0");
    entries.push(
      {
        type: "click",
        clickId: `c-${index}`,
        ...person,
        timestamp: `2026-01-${day}T10:00:00Z`,
        source: text,
        campaign: text,
        link: "javascript:window.isRun=1",
        url: `https://shop.example/?q=${encodeURIComponent(text)}`,
        referrer: "javascript:window.isRun=1",
      },
      {
        type: "sale",
        orderId: `o-${index}-${text}`.slice(0, 255),
        externalId: person.externalId,
        timestamp: `2026-01-${day}T11:00:00Z`,
        value: 12.34,
        currency: "USD",
      },
    );
  }
  entries.push(
    {
      type: "sale",
      orderId: "huge",
      externalId: "huge",
      name: "Huge",
      timestamp: "2026-01-20T11:00:00Z",
      value: 9_999_999_999.99,
      currency: "USD",
    },
    { type: "sale", orderId: "yen", externalId: "yen", name: "Yen", timestamp: "2026-01-20T11:00:00Z", value: 1234567, currency: "JPY" },
    {
      type: "sale",
      orderId: "dinar",
      externalId: "dinar",
      name: "Dinar",
      timestamp: "2026-01-20T11:00:00Z",
      value: 1.234,
      currency: "KWD",
    },
    { type: "refund", orderId: "nowhere", eventId: "r-1", timestamp: "2026-01-20T11:00:00Z", value: 5 },
  );
  return entries;
}
