/** A LabelSelector of Kubernetes, evaluated in CEL. */

/**
 * @param selector CEL of a LabelSelector.
 * @param labels CEL of a map of labels.
 * @returns CEL that says whether the selector selects. An operator that Kubernetes does not know selects: the policy then holds where
 * it might.
 */
export function selects(selector: string, labels: string): string {
  const matchLabels = `${selector}.?matchLabels.orValue({})`;
  const requirements = `${selector}.?matchExpressions.orValue([])`;
  return `${matchLabels}.all(k, ${labels}[?k] == optional.of(${matchLabels}[k])) && ${requirements}.all(r, ${meets(labels)})`;
}

/** Whether the labels meet the requirement `r`. */
function meets(labels: string): string {
  const isThere = `r.key in ${labels}`;
  const hasValue = `(${isThere} && ${labels}[r.key] in r.?values.orValue([]))`;
  return (
    `r.operator == "In" ? ${hasValue} : r.operator == "NotIn" ? !${hasValue} : ` +
    `r.operator == "Exists" ? ${isThere} : r.operator == "DoesNotExist" ? !(${isThere}) : true`
  );
}
