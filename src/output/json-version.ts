/**
 * The `version` at the head of every object that `--json` prints, described by the schemas in `src/schemas/`. It goes up when
 * a member goes away or changes its name, its type or its meaning; new members may come without it.
 */
export const JSON_VERSION = 1;
