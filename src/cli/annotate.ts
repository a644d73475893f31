import { formatGithubAnnotation, type Annotation } from '../output/github-annotation.js';

/**
 * Says something in a workflow of GitHub Actions so that it is seen there without opening the log. Elsewhere it says nothing.
 * It goes to stderr, which GitHub reads as it reads stdout: stdout is the result.
 */
export function annotate(annotation: Annotation): void {
  if (process.env['GITHUB_ACTIONS'] === 'true') process.stderr.write(`${formatGithubAnnotation(annotation)}\n`);
}
