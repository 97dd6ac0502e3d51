export * from '../../shared/units.ts';
