/** Whether the arguments select tests by name: what they leave out is then no failure. */
export const selectsByName = (args) => args.some((arg) => /^(-t|--testNamePattern)(=|$)/.test(arg));

/**
 * Counts vitest's JSON report: {passed, failed, remarks}. What did not run counts as failed, and so does a file that
 * could not be loaded, so that nothing is ever skipped silently.
 */
export function count(report, exitCode, byName = false) {
  if (!report) return { passed: 0, failed: 1, remarks: ['vitest left no report'] };
  const remarks = [];
  let passed = 0;
  let failed = 0;
  for (const file of report.testResults) {
    const statuses = file.assertionResults.map((test) => test.status);
    const passes = statuses.filter((status) => status === 'passed').length;
    const failures = statuses.filter((status) => status === 'failed').length;
    const notRun = statuses.length - passes - failures;
    passed += passes;
    failed += failures;
    if (notRun > 0) {
      remarks.push(`${file.name}: ${notRun} not run, ${byName ? 'left out by name' : 'counted as failed'}`);
      if (!byName) failed += notRun;
    }
    if (file.status === 'failed' && failures === 0) {
      remarks.push(`${file.name}: failed outside its tests: ${file.message || 'see above'}`);
      failed += 1;
    }
  }
  if (passed + failed === 0) {
    remarks.push('no test ran');
    failed = 1;
  }
  if (exitCode !== 0 && failed === 0) {
    remarks.push('vitest reported an error outside the tests');
    failed = 1;
  }
  return { passed, failed, remarks };
}
