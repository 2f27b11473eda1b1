/* a_file_whose_name_is_rather_long.h - for prints.c: its name does not fit into a column. */
#ifndef CONTEND_TESTS_BENCH_CHECK_A_FILE_WHOSE_NAME_IS_RATHER_LONG_H
#define CONTEND_TESTS_BENCH_CHECK_A_FILE_WHOSE_NAME_IS_RATHER_LONG_H

static inline int long_named_load(_Atomic int *at)
{
    return atomic_load(at);
}

#endif
