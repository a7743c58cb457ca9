/** An answer may come after an event that tells a later state, and there may be no other event: the event is right. */
export async function answered<T>(known: () => T | undefined, asked: Promise<T>, put: (answer: T) => void): Promise<void> {
  const before = known();
  const answer = await asked;
  if (known() === before) put(answer);
}
