/*
 * operations.h - a contract's operations as fields of its table.
 *
 * A contract lists its operations once, as NAME_OPERATIONS(GIVES, DOES): GIVES(type, name,
 * parameters, arguments) for one that returns something, DOES(name, parameters, arguments)
 * for one that does not.  The table's fields come from the list here, and the functions
 * behind them in emit.h.  Valid C11 and C++17.
 */
#ifndef CONTEND_LOCKS_PARTS_OPERATIONS_H
#define CONTEND_LOCKS_PARTS_OPERATIONS_H

#define CONTEND_POINTER_GIVES(type, name, parameters, arguments) type(*name) parameters;
#define CONTEND_POINTER_DOES(name, parameters, arguments) void (*name) parameters;

#endif
