// What

import { scaleLinear } from "d3-scale";
import { line } from "d3-shape";
import { render } from "preact";

render(
  <p>
    hi {scaleLinear().domain([0, 1])(0.5)} {String(line()([[1, 2]]))}
  </p>,
  document.body,
);
