/**
 * The SQL for a parameter that is an array, in a prepared statement. Postgres does not see the length of the array
 * through the select, so one plan serves all lengths. Otherwise it would make a plan for each short array, which takes
 * longer than looking a few keys up.
 * @param place the place of the parameter, from 1
 * @param type the type of the elements
 */
export function arrayParameter(place: number, type: string): string {
  return `(select $${place}::${type}[])::${type}[]`;
}
