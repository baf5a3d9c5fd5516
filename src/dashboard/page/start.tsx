// Where does the page start? A key behind the # signs in, and leaves the address at once.
import { render } from "preact";
import { followLinks } from "./address.ts";
import { App } from "./app.tsx";

/** The key behind the #, if there is one. It is taken out of the address and of the history. */
function takeKey(): string | undefined {
  const key = new URLSearchParams(location.hash.slice(1)).get("key") ?? undefined;
  if (key !== undefined) history.replaceState(null, "", location.pathname + location.search);
  return key;
}

const root = document.getElementById("root");
if (root) {
  // The browser looks for the icon again wherever a link leads, so its address must not depend on that.
  const icon = document.querySelector<HTMLLinkElement>("[rel=icon]");
  icon?.setAttribute("href", icon.href);
  const key = takeKey();
  followLinks();
  render(<App givenKey={key} />, root);
}
