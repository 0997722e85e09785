/** Everything that goes to the service, over the endpoints that any client has; the chart comes from the clinic's own. */

/** An answer, with what was asked: kept so that people may read both. */
export async function post(path, body) {
  const started = performance.now();
  const response = await fetch(path, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: typeof body === "string" ? body : JSON.stringify(body),
  });
  const answer = await readJson(response);
  return { path, request: body, status: response.status, answer, milliseconds: Math.round(performance.now() - started) };
}

/** What the clinic starts with: patients, orders, what its chart shows. */
export function fetchStart() {
  return fetchJson("clinic/start.json");
}

/** One patient's chart and request. */
export function fetchPatient(name) {
  return fetchJson(`clinic/patients/${encodeURIComponent(name)}.json`);
}

/** The services that are on offer. */
export async function fetchServices() {
  return (await fetchJson("cds-services")).services;
}

/** Calls a service of CDS Hooks. */
export function callService(id, request) {
  return post(`cds-services/${id}`, request);
}

/** Says what a user did with a card. */
export function sendFeedback(id, entry) {
  return post(`cds-services/${id}/feedback`, { feedback: [{ ...entry, outcomeTimestamp: new Date().toISOString() }] });
}

/** Why each rule decided as it did. */
export function explain(request) {
  return post("explain", request);
}

async function fetchJson(path) {
  const response = await fetch(path, { headers: { Accept: "application/json" } });
  if (!response.ok) throw new Error(`${path} answered ${response.status}`);
  return response.json();
}

async function readJson(response) {
  try {
    return await response.json();
  } catch {
    return null;
  }
}
