// Makes the headings of sortable tables buttons. Without scripts the tables stay as they are.
for (const table of document.querySelectorAll(".sortable table")) {
  const body = table.tBodies[0];
  const original = [...body.rows];
  const said = document.createElement("p");
  said.className = "hidden";
  said.setAttribute("role", "status");
  table.parentElement.after(said);
  const numbers = (cell) => (cell.textContent.replace(/,/g, "").match(/\d+(\.\d+)?/g) || []).map(Number);
  const compare = (a, b) => {
    const [x, y] = [numbers(a), numbers(b)];
    const starts = (cell) => /^\s*[\d]/.test(cell.textContent);
    if (starts(a) && starts(b)) {
      for (let k = 0; k < Math.min(x.length, y.length); k++) if (x[k] !== y[k]) return x[k] - y[k];
      return x.length - y.length;
    }
    if (starts(a) !== starts(b)) return starts(a) ? -1 : 1;
    return a.textContent.localeCompare(b.textContent, "en-GB");
  };
  [...table.tHead.rows[0].cells].forEach((heading, column) => {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = heading.textContent;
    heading.textContent = "";
    heading.append(button);
    button.addEventListener("click", () => {
      const down = heading.getAttribute("aria-sort") !== "descending";
      for (const other of table.tHead.rows[0].cells) other.removeAttribute("aria-sort");
      heading.setAttribute("aria-sort", down ? "descending" : "ascending");
      const way = down ? -1 : 1;
      const rows = [...original].sort((a, b) => way * compare(a.cells[column], b.cells[column]));
      body.append(...rows);
      said.textContent = `Sorted by ${button.textContent}, ${down ? "highest first" : "lowest first"}`;
    });
  });
}
