/** The trace of a rule: what /explain says of its criteria. */

/** The criteria of a rule one by one, each with its role: those that it asks for, then its exceptions. */
export function criteriaOf(rule) {
  return [...flat(rule.when, "when"), ...(rule.unless ? flat(rule.unless, "unless") : [])];
}

function flat(trace, role) {
  return trace.parts ? trace.parts.flatMap((part) => flat(part, role)) : [{ part: trace, role }];
}
