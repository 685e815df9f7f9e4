import { z } from 'zod';
import type { Finding } from '../contract/dataset.ts';
import type { ReadableDatabase, WritableDatabase } from './database.ts';

/** What is said of one image of a multi-label set, by the id of each finding; one that is missing was not judged. */
export type FindingStates = Readonly<Record<number, Finding>>;

export const findingStates = z.record(
  z.coerce.number().int(),
  z.union([z.literal(0), z.literal(1), z.null()]),
);

const multiLabel = z.int();

/** Whether images of a set may show any number of its classes. */
export const isMultiLabel = (db: ReadableDatabase, labelSetId: number): boolean =>
  multiLabel.parse(
    db.prepare('SELECT multi_label FROM label_sets WHERE id = ?').pluck().get(labelSetId) ?? 0,
  ) === 1;

/** Keys in the order of the ids: what is the same has the same text. */
const textOf = (states: FindingStates): string =>
  JSON.stringify(Object.fromEntries(Object.entries(states).sort(([a], [b]) => Number(a) - Number(b))));

export const parseAnswer = (text: string): FindingStates => findingStates.parse(JSON.parse(text));

/** Whether a label, or a finding of it, is in doubt. */
export const isDoubtful = (
  label: { classId: number; uncertain: boolean } | undefined,
  answers: ReadonlyMap<number, FindingStates>,
): boolean =>
  label !== undefined && (label.uncertain || Object.values(answers.get(label.classId) ?? {}).includes(null));

const answerRow = z.object({ id: z.int(), name: z.string(), answer: z.string() });

/** All answers of a set that were ever given, by the id that labels have of them. */
export function listAnswers(db: ReadableDatabase, labelSetId: number): Map<number, FindingStates> {
  const rows = db
    .prepare('SELECT id, name, answer FROM classes WHERE label_set_id = ? AND answer IS NOT NULL ORDER BY id')
    .all(labelSetId);
  return new Map(rows.map((row) => answerRow.parse(row)).map(({ id, answer }) => [id, parseAnswer(answer)]));
}

const findingRow = z.object({ id: z.int(), name: z.string() });

/** The findings of a multi-label set, in its order. */
export function findingsOf(db: ReadableDatabase, labelSetId: number): { id: number; name: string }[] {
  return db
    .prepare('SELECT id, name FROM classes WHERE label_set_id = ? AND answer IS NULL ORDER BY position, id')
    .all(labelSetId)
    .map((row) => findingRow.parse(row));
}

/** What labels of a set are called, by the id that they have of it: classes, or answers in the words of people. */
export function answerNames(db: ReadableDatabase, labelSetId: number): Map<number, string> {
  const rows = db.prepare('SELECT id, name FROM classes WHERE label_set_id = ?').all(labelSetId);
  return new Map(rows.map((row) => findingRow.parse(row)).map(({ id, name }) => [id, name]));
}

/** As it stands in the history: `+Effusion, ?Mass`, what is not there left out. */
function nameOf(states: FindingStates, findings: readonly { id: number; name: string }[]): string {
  const there = findings.filter(({ id }) => states[id] === 1).map(({ name }) => `+${name}`);
  const doubtful = findings.filter(({ id }) => states[id] === null).map(({ name }) => `?${name}`);
  const open = findings.filter(({ id }) => states[id] === undefined).map(({ name }) => name);
  const said = there.length + doubtful.length === 0 ? ['no finding'] : [...there, ...doubtful];
  return `${said.join(', ')}${open.length > 0 ? ` (not judged: ${open.join(', ')})` : ''}`;
}

/** Gives the ids of answers, making those that were never given before. Call inside a transaction. */
export function answerIds(
  db: WritableDatabase,
  labelSetId: number,
  answers: readonly FindingStates[],
): number[] {
  const findings = findingsOf(db, labelSetId);
  const known = new Map([...listAnswers(db, labelSetId)].map(([id, states]) => [textOf(states), id]));
  const taken = db.prepare('SELECT 1 FROM classes WHERE label_set_id = ? AND name = ?').pluck();
  const insert = db
    .prepare('INSERT INTO classes (label_set_id, name, answer) VALUES (?, ?, ?) RETURNING id')
    .pluck();
  return answers.map((states) => {
    const text = textOf(states);
    let id = known.get(text);
    if (id === undefined) {
      const plain = nameOf(states, findings);
      let name = plain;
      // Findings may be called anything: two answers can read the same, and stay two.
      for (let again = 2; taken.get(labelSetId, name) !== undefined; again++) name = `${plain} (${again})`;
      id = z.int().parse(insert.get(labelSetId, name, text));
      known.set(text, id);
    }
    return id;
  });
}

/** Names all answers anew: after findings were renamed, added or taken away. Call inside a transaction. */
export function renameAnswers(db: WritableDatabase, labelSetId: number): void {
  const findings = findingsOf(db, labelSetId);
  const rename = db.prepare('UPDATE classes SET name = ? WHERE id = ?');
  const answers = [...listAnswers(db, labelSetId)];
  // Two that swap their names must not meet half way.
  for (const [id] of answers) rename.run(`\0${id}`, id);
  const used = new Set(findings.map(({ name }) => name));
  for (const [id, states] of answers) {
    const plain = nameOf(states, findings);
    let name = plain;
    for (let again = 2; used.has(name); again++) name = `${plain} (${again})`;
    used.add(name);
    rename.run(name, id);
  }
}

/**
 * Changes what all answers of a set say. Labels and readings move to the new answers, so that the history has the old ones. Call inside a
 * transaction.
 */
export function rewriteAnswers(
  db: WritableDatabase,
  labelSetId: number,
  change: (states: FindingStates) => FindingStates,
): void {
  const now = new Date().toISOString();
  const moveLabels = db.prepare('UPDATE labels SET class_id = ?, labelled_at = ? WHERE class_id = ?');
  const moveReadings = db.prepare('UPDATE readings SET class_id = ? WHERE class_id = ?');
  const remove = db.prepare('DELETE FROM classes WHERE id = ?');
  for (const [id, states] of listAnswers(db, labelSetId)) {
    const [into] = answerIds(db, labelSetId, [change(states)]);
    if (into === id) continue;
    moveLabels.run(into, now, id);
    moveReadings.run(into, id);
    remove.run(id);
  }
}

/** What the answers of a multi-label set say of each finding, by the answer's name; null of other sets. */
export function answersByName(
  db: ReadableDatabase,
  labelSetId: number,
): Map<string, Readonly<Record<string, Finding>>> | null {
  if (!isMultiLabel(db, labelSetId)) return null;
  const names = new Map(findingsOf(db, labelSetId).map(({ id, name }) => [id, name]));
  const answers = listAnswers(db, labelSetId);
  const rows = db
    .prepare('SELECT id, name FROM classes WHERE label_set_id = ? AND answer IS NOT NULL')
    .raw()
    .all(labelSetId) as [number, string][];
  return new Map(
    rows.map(([id, name]) => [
      name,
      Object.fromEntries(
        Object.entries(answers.get(id)!).map(([finding, state]) => [names.get(Number(finding))!, state]),
      ),
    ]),
  );
}

/** An answer in the words of people: `Effusion | Mass?`. */
export function findingsText(findings: Readonly<Record<string, Finding>>): string {
  const said = Object.entries(findings).flatMap(([name, state]) =>
    state === 1 ? name : state === null ? `${name}?` : [],
  );
  return said.length === 0 ? 'No finding' : said.join(' | ');
}
