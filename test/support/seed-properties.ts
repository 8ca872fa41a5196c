import { seedProperties } from './property-runs.ts'

seedProperties()
