// Which models of attribution are there? (definitions §9)
export const MODELS = ["last", "first", "linear", "position", "time_decay"] as const;
export type Model = (typeof MODELS)[number];
