/** The clinic's start: loads what it needs once, then shows the list of patients or one patient's visit. */

import { fetchPatient, fetchServices, fetchStart } from "./api.js";
import { element, show } from "./dom.js";
import { patientList } from "./patients.js";
import { openVisit } from "./visit.js";

const content = document.getElementById("content");
let start = null;
let services = [];

async function route() {
  const [, name] = /^#patient\/([a-z0-9_]+)$/.exec(location.hash) ?? [];
  if (!name) {
    document.title = "Patients – Hoofbeats clinic";
    show(content, ...patientList(start));
    return;
  }
  content.setAttribute("aria-busy", "true");
  try {
    await openVisit(content, await fetchPatient(name), services, start);
  } catch (error) {
    failed(error);
  }
  content.removeAttribute("aria-busy");
}

function failed(error) {
  const back = element("a", { href: "#patients" }, "All patients");
  show(content, element("h1", {}, "This did not work"), element("p", { class: "message" }, String(error.message)), back);
}

async function begin() {
  try {
    [start, services] = await Promise.all([fetchStart(), fetchServices()]);
  } catch (error) {
    failed(error);
    return;
  }
  window.addEventListener("hashchange", async () => {
    await route();
    window.scrollTo(0, 0);
    content.focus({ preventScroll: true });
  });
  await route();
}

begin();
