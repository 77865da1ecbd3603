/**
 * What the client loads when it needs it. In the simulation it is there from the beginning: reading a file takes time that
 * no schedule knows of.
 */
import '../../client/later.ts'
