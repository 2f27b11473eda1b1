/*
 * linkage.h - what the linker calls names that only the files of the checker share.
 *
 * A program under test is linked with libcontend_check.a, and may have a function fail()
 * or a variable `run` of its own.  So every name that is not static carries the prefix
 * check_ for the linker; in the sources it stays short.
 */
#ifndef CONTEND_BENCH_MACHINE_LINKAGE_H
#define CONTEND_BENCH_MACHINE_LINKAGE_H

#define CHECK_PRIVATE(name) __asm__("check_private_" #name)

#endif
