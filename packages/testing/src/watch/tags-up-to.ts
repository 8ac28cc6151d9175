/** Which of the tags an ack or nack means. Tag 0 with `multiple` means all there are. */
export function tagsUpTo(
  tags: ReadonlyMap<number, unknown>,
  tag: number,
  multiple: boolean,
): readonly number[] {
  if (!multiple) return tags.has(tag) ? [tag] : [];
  return [...tags.keys()].filter((each) => tag === 0 || each <= tag);
}
