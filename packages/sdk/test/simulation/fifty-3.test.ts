import { fifty } from './fifty.ts'

fifty('3')
