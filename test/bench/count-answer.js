/** Counts, while calls are made, what `top-operations` has to say about them. */
export class AnswerCount {
  #rows = new Map();

  add({ service, operation, session, fails }) {
    const name = `${service} ${operation}`;
    const row = this.#rows.get(name) ?? { service, operation, sessions: new Set(), calls: 0, errors: 0 };
    this.#rows.set(name, row);
    if (session !== undefined) row.sessions.add(session);
    row.calls += 1;
    row.errors += fails ? 1 : 0;
  }

  answer() {
    return [...this.#rows.values()]
      .map(({ sessions, ...row }) => ({ ...row, number_of_sessions: sessions.size }))
      .map(inOrder)
      .sort(compareRows)
      .slice(0, 20);
  }
}

function inOrder({ service, operation, number_of_sessions, calls, errors }) {
  return { service, operation, number_of_sessions, calls, errors };
}

function compareRows(a, b) {
  return (
    b.number_of_sessions - a.number_of_sessions ||
    b.calls - a.calls ||
    compareText(a.service, b.service) ||
    compareText(a.operation, b.operation)
  );
}

function compareText(a, b) {
  return a < b ? -1 : Number(a > b);
}
