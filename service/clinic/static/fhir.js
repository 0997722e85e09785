/** Reading a chart as a screen shows it: words, dates and values of FHIR R4 resources. Nothing clinical is decided. */

const NOT_SO = new Set(["entered-in-error", "cancelled", "not-done", "stopped", "revoked", "refuted"]);

/** The resources of a Bundle. */
export function resourcesOf(bundle) {
  return (bundle?.entry ?? []).map((entry) => entry.resource).filter(Boolean);
}

/** The words for a concept; a standard system's before a local one's, which stands first where there are both. */
export function words(concept) {
  const codings = concept?.coding ?? [];
  const shown = concept?.text || codings.at(-1)?.display || codings[0]?.display || codings[0]?.code || "not stated";
  return shown.replace(/ \((procedure|disorder|finding|body structure|substance|qualifier value)\)$/, "");
}

/** Every code of a concept as system|code. */
export function codesOf(concept) {
  return (concept?.coding ?? []).map((coding) => `${coding.system ?? ""}|${coding.code ?? ""}`);
}

/** The date that a resource is about, as far as it is given. */
export function dateOf(resource) {
  const written =
    resource.effectiveDateTime ?? resource.performedDateTime ?? resource.started ?? resource.effectivePeriod?.start ??
    resource.performedPeriod?.start ?? resource.authoredOn ?? resource.onsetDateTime ?? resource.recordedDate ??
    resource.occurrenceDateTime ?? resource.date ?? resource.issued ?? "";
  return written.slice(0, 10);
}

/** Whether the chart takes a resource back: in error, cancelled, not done. */
export function isVoid(resource) {
  return NOT_SO.has(statusOf(resource));
}

/** The status that matters of a resource. */
export function statusOf(resource) {
  const coded = resource.verificationStatus?.coding?.[0]?.code;
  if (coded === "entered-in-error" || coded === "refuted") return coded;
  return resource.status ?? resource.clinicalStatus?.coding?.[0]?.code ?? "";
}

/** What a resource is called. */
export function titleOf(resource, all = []) {
  if (resource.resourceType === "ImagingStudy") {
    return resource.procedureCode?.length ? words(resource.procedureCode[0]) : resource.description ?? modalities(resource);
  }
  if (resource.medicationCodeableConcept) return words(resource.medicationCodeableConcept);
  if (resource.medicationReference) return words(referenced(resource.medicationReference, all)?.code);
  if (resource.resourceType === "FamilyMemberHistory") return `Family history: ${words(resource.relationship)}`;
  return words(resource.code ?? resource.vaccineCode);
}

/** The value of an Observation in words. */
export function valueWords(observation) {
  if (observation.valueQuantity) return quantityWords(observation.valueQuantity);
  if (observation.valueCodeableConcept) return words(observation.valueCodeableConcept).replace(/ category$/, "");
  if (observation.valueRange) return `${observation.valueRange.low?.value}–${quantityWords(observation.valueRange.high)}`;
  if (observation.component) return observation.component.map(valueWords).join(" × ");
  return String(observation.valueString ?? observation.valueInteger ?? observation.valueBoolean ?? "no value");
}

/** The number of an Observation with its unit, the largest of its components where it has those; null without one. */
export function numberOf(observation) {
  const parts = [observation, ...(observation.component ?? [])].map((part) => part.valueQuantity).filter(Boolean);
  const numbers = parts.filter((quantity) => Number.isFinite(quantity.value)).map(inMillimetres);
  return numbers.sort((a, b) => b.value - a.value)[0] ?? null;
}

/** The bounds of the reference range, null where it is open or not given. */
export function rangeOf(observation) {
  const range = observation.referenceRange?.[0];
  return range ? { low: range.low?.value ?? null, high: range.high?.value ?? null } : null;
}

/** Age in years on a day. */
export function ageOn(day, birthDate) {
  if (!birthDate) return null;
  const years = Number(day.slice(0, 4)) - Number(birthDate.slice(0, 4));
  return day.slice(5) < birthDate.slice(5) ? years - 1 : years;
}

function quantityWords(quantity) {
  return `${quantity.comparator ?? ""}${quantity.value ?? "?"} ${quantity.unit ?? quantity.code ?? ""}`.trim();
}

function inMillimetres(quantity) {
  const unit = quantity.unit ?? quantity.code ?? "";
  return unit === "cm" ? { value: quantity.value * 10, unit: "mm" } : { value: quantity.value, unit };
}

function modalities(study) {
  return (study.modality ?? []).map((m) => m.display ?? m.code).join(" and ") || "imaging study";
}

function referenced(reference, all) {
  const [kind, id] = (reference.reference ?? "").split("/").slice(-2);
  return all.find((resource) => resource.resourceType === kind && resource.id === id);
}
