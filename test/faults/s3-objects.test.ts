import { testRequests } from './test-requests.js';
import { requestKinds } from './request-kinds.js';
import { useSuiteCredentials } from './run-fault-case.js';

useSuiteCredentials();
testRequests((await requestKinds()).filter(({ operation }) => operation !== 'list'));
