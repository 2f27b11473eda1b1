/*
 * lab_new.h - homework: `contend lab new` and `contend lab judge`.
 */
#ifndef CONTEND_BENCH_TOOL_LAB_NEW_H
#define CONTEND_BENCH_TOOL_LAB_NEW_H

/* The command line from "new" or "judge" on.  Returns the exit status. */
int lab_homework(int argc, char **argv);

#endif
