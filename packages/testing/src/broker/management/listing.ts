import type { Answer } from "./answer.ts";
import { json } from "./answer.ts";
import type { ApiRequest, Json } from "./api-request.ts";
import { badRequest, ApiError } from "./api-error.ts";

const defaultPageSize = 100;

/** A list as the query wants it: sorted, by pages, and with some columns only. */
export function listed(items: readonly Json[], { query }: ApiRequest): Answer {
  const sorted = sortedBy(items, query.get("sort"), query.get("sort_reverse") === "true");
  const page = query.get("page");
  if (page === null) return json(sorted.map((item) => chosen(item, query)));
  return json(pageOf(sorted, query, wholeNumber(page)));
}

/** One item with the columns that the query wants. */
export function shown(item: Json, { query }: ApiRequest): Answer {
  return json(chosen(item, query));
}

function chosen(item: Json, query: URLSearchParams): Json {
  const columns = query.get("columns")?.split(",");
  if (columns === undefined) return item;
  const names = new Set(columns.map((column) => column.split(".")[0]));
  return Object.fromEntries(Object.entries(item).filter(([name]) => names.has(name)));
}

function sortedBy(items: readonly Json[], column: string | null, isReverse: boolean): readonly Json[] {
  if (column === null) return items;
  const keyed = items.map((item) => ({ item, key: valueAt(item, column) }));
  keyed.sort((one, other) => compare(one.key, other.key));
  if (isReverse) keyed.reverse();
  return keyed.map(({ item }) => item);
}

function valueAt(item: Json, path: string): unknown {
  return path.split(".").reduce<unknown>((value, name) => (value as Json | undefined)?.[name], item);
}

function compare(one: unknown, other: unknown): number {
  if (typeof one === "number" && typeof other === "number") return one - other;
  const [first, second] = [String(one), String(other)];
  return first < second ? -1 : Number(first > second);
}

function pageOf(items: readonly Json[], query: URLSearchParams, page: number): Json {
  const pageSize = wholeNumber(query.get("page_size") ?? `${defaultPageSize}`);
  const filtered = items.filter(nameFilter(query));
  const pageCount = Math.max(1, Math.ceil(filtered.length / pageSize));
  if (page > pageCount)
    throw new ApiError(
      400,
      "page_out_of_range",
      `Page out of range, page: ${page} page size: ${pageSize}, len: ${filtered.length}`,
    );
  const onPage = filtered.slice((page - 1) * pageSize, page * pageSize);
  return {
    filtered_count: filtered.length,
    item_count: onPage.length,
    items: onPage.map((item) => chosen(item, query)),
    page,
    page_count: pageCount,
    page_size: pageSize,
    total_count: items.length,
  };
}

function nameFilter(query: URLSearchParams): (item: Json) => boolean {
  const wanted = query.get("name") ?? "";
  if (query.get("use_regex") !== "true")
    return ({ name }) => String(name).toLowerCase().includes(wanted.toLowerCase());
  try {
    const pattern = new RegExp(wanted, "i");
    return ({ name }) => pattern.test(String(name));
  } catch {
    throw badRequest("invalid regular expression");
  }
}

function wholeNumber(text: string): number {
  const number = Number(text);
  if (!Number.isSafeInteger(number) || number < 1) throw badRequest(`${text} is not a page or a page size`);
  return number;
}
