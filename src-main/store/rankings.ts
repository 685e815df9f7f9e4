import { z } from 'zod';
import type { ModelRanking } from '../contract/ranking.ts';
import type { ReadableDatabase, WritableDatabase } from './database.ts';

const rankingRow = z.object({ ranking: z.string(), ranked_at: z.string() });

export function saveRanking(db: WritableDatabase, ranking: ModelRanking): void {
  db.prepare('INSERT INTO rankings (ranking, ranked_at) VALUES (?, ?)').run(
    JSON.stringify(ranking),
    new Date().toISOString(),
  );
}

/** The ranking that was made last; what one of before did not know of is null. */
export function lastRanking(db: ReadableDatabase): { ranking: ModelRanking; rankedAt: string } | null {
  const row = db.prepare('SELECT ranking, ranked_at FROM rankings ORDER BY id DESC LIMIT 1').get();
  if (row === undefined) return null;
  const { ranking: text, ranked_at } = rankingRow.parse(row);
  const ranking = JSON.parse(text) as ModelRanking;
  return {
    rankedAt: ranked_at,
    ranking: {
      ...ranking,
      splitHash: ranking.splitHash ?? null,
      models: ranking.models.map((one) => ({
        ...one,
        cost: one.cost ?? null,
        costReason: one.costReason ?? null,
      })),
    },
  };
}
