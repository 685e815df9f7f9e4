export function buildMain(): Promise<void>;
