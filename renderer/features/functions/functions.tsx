export { FunctionDetail } from './function-detail.tsx';
export { FunctionList } from './function-list.tsx';
