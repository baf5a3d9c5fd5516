// How does somebody take a table or a chart along? As text for a spreadsheet, as SVG, as a picture.

/** Offers a file to the visitor. */
export function download(name: string, content: Blob): void {
  const url = URL.createObjectURL(content);
  const link = document.createElement("a");
  link.href = url;
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}

/** Puts a text into the clipboard. Browsers offer theirs to pages from loopback or behind TLS alone; elsewhere a field is copied. */
export async function copyText(text: string): Promise<void> {
  if (navigator.clipboard) return navigator.clipboard.writeText(text);
  const field = document.createElement("textarea");
  field.value = text;
  document.body.append(field);
  field.select();
  const isCopied = document.execCommand("copy");
  field.remove();
  if (!isCopied) throw new Error("The browser does not let this page copy.");
}

/** A cell as a spreadsheet pastes it: a figure's title has it exactly, and text that would be run as a formula is text. */
function cellText(cell: Element): string {
  const exact = cell.getAttribute("data-value");
  if (exact !== null) return exact;
  const shown = cell.cloneNode(true) as Element;
  for (const aside of shown.querySelectorAll(".def, .hidden, .tag")) aside.remove();
  const text = (shown.textContent ?? "")
    .replace(/\s+/g, " ")
    .trim()
    .replace(/ [↑↓]$/, "");
  return /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
}

/** A table as lines of cells with tabs between them, which spreadsheets paste as a table. Columns of bars alone are left out. */
export function tableText(table: HTMLTableElement): string {
  const rows = [...table.rows].map((row) =>
    [...row.cells]
      .filter((cell) => !cell.classList.contains("bar"))
      .map(cellText)
      .join("\t"),
  );
  return `${rows.join("\n")}\n`;
}

/** What a chart needs when it stands alone, without the page's style sheet. */
const CARRIED = [
  "fill",
  "stroke",
  "stroke-width",
  "stroke-dasharray",
  "stroke-linejoin",
  "paint-order",
  "opacity",
  "font-size",
  "font-weight",
  "text-anchor",
  "color",
];

/** A chart as a document of its own, on paper of the page's colour. */
export function svgText(svg: SVGSVGElement): string {
  const copy = svg.cloneNode(true) as SVGSVGElement;
  const originals = [svg, ...svg.querySelectorAll("*")];
  const copies = [copy, ...copy.querySelectorAll("*")];
  for (const [index, original] of originals.entries()) {
    const style = getComputedStyle(original);
    for (const property of CARRIED) copies[index]?.setAttribute(property, style.getPropertyValue(property));
    copies[index]?.removeAttribute("class");
  }
  const { width, height } = svg.getBoundingClientRect();
  copy.setAttribute("xmlns", "http://www.w3.org/2000/svg");
  copy.setAttribute("width", String(width));
  copy.setAttribute("height", String(height));
  copy.setAttribute("font-family", "system-ui, sans-serif");
  const paper = document.createElementNS("http://www.w3.org/2000/svg", "rect");
  for (const [name, value] of Object.entries({ width: "100%", height: "100%", fill: getComputedStyle(document.body).backgroundColor }))
    paper.setAttribute(name, value);
  copy.prepend(paper);
  return new XMLSerializer().serializeToString(copy);
}

/** A chart as a picture with twice the pixels. */
export async function toPng(svg: SVGSVGElement): Promise<Blob> {
  const url = URL.createObjectURL(new Blob([svgText(svg)], { type: "image/svg+xml" }));
  try {
    const image = new Image();
    image.src = url;
    await image.decode();
    const { width, height } = svg.getBoundingClientRect();
    const canvas = document.createElement("canvas");
    canvas.width = width * 2;
    canvas.height = height * 2;
    canvas.getContext("2d")?.drawImage(image, 0, 0, canvas.width, canvas.height);
    return await new Promise((resolve, reject) => {
      canvas.toBlob((blob) => (blob ? resolve(blob) : reject(new Error("The picture cannot be made."))), "image/png");
    });
  } finally {
    URL.revokeObjectURL(url);
  }
}
