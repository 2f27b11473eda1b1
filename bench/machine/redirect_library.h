/*
 * redirect_library.h - the part of redirect.h for what library_models.h describes: wide characters, dates, files, the
 * environment and others; see redirect_threads.h.
 */
#ifndef CONTEND_BENCH_MACHINE_REDIRECT_LIBRARY_H
#define CONTEND_BENCH_MACHINE_REDIRECT_LIBRARY_H

#include <features.h>

#ifdef __clang__ /* which warns of a static function of the program that has one of these names: it keeps its own */
#pragma clang diagnostic ignored "-Wpragmas"
#endif

#pragma redefine_extname wmemcpy check_wmemcpy
#pragma redefine_extname wmempcpy check_wmempcpy
#pragma redefine_extname wmemmove check_wmemmove
#pragma redefine_extname wmemset check_wmemset
#pragma redefine_extname wmemcmp check_wmemcmp
#pragma redefine_extname wcslen check_wcslen
#pragma redefine_extname wcsnlen check_wcsnlen
#pragma redefine_extname wcscpy check_wcscpy
#pragma redefine_extname wcpcpy check_wcpcpy
#pragma redefine_extname wcsncpy check_wcsncpy
#pragma redefine_extname wcpncpy check_wcpncpy
#pragma redefine_extname wcscat check_wcscat
#pragma redefine_extname wcsncat check_wcsncat
#pragma redefine_extname wcscmp check_wcscmp
#pragma redefine_extname wcsncmp check_wcsncmp
#pragma redefine_extname wcscasecmp check_wcscasecmp
#pragma redefine_extname wcsncasecmp check_wcsncasecmp
#pragma redefine_extname wcscoll check_wcscoll
#pragma redefine_extname wcschrnul check_wcschrnul
#pragma redefine_extname wcsspn check_wcsspn
#pragma redefine_extname wcscspn check_wcscspn
#pragma redefine_extname wcsdup check_wcsdup
#pragma redefine_extname mbstowcs check_mbstowcs
#pragma redefine_extname wcstombs check_wcstombs
#pragma redefine_extname wcstod check_wcstod
#pragma redefine_extname wcstof check_wcstof
#pragma redefine_extname wcstold check_wcstold
#ifndef __cplusplus /* where their header gives them names of their own */
#pragma redefine_extname wmemchr check_wmemchr
#pragma redefine_extname wcschr check_wcschr
#pragma redefine_extname wcsrchr check_wcsrchr
#pragma redefine_extname wcsstr check_wcsstr
#pragma redefine_extname wcspbrk check_wcspbrk
#endif
#if !__GLIBC_PREREQ(2, 38) /* from which on the header does */
#pragma redefine_extname wcstol check_wcstol
#pragma redefine_extname wcstoul check_wcstoul
#pragma redefine_extname wcstoll check_wcstoll
#pragma redefine_extname wcstoull check_wcstoull
#endif

/* Dates. */
#pragma redefine_extname gmtime_r check_gmtime_r
#pragma redefine_extname localtime_r check_localtime_r
#pragma redefine_extname asctime_r check_asctime_r
#pragma redefine_extname ctime_r check_ctime_r
#pragma redefine_extname mktime check_mktime
#pragma redefine_extname timegm check_timegm
#pragma redefine_extname strptime check_strptime
#pragma redefine_extname strftime check_strftime
#pragma redefine_extname gmtime check_gmtime
#pragma redefine_extname localtime check_localtime
#pragma redefine_extname asctime check_asctime
#pragma redefine_extname ctime check_ctime

/* Files and sockets. */
#pragma redefine_extname write check_write
#pragma redefine_extname send check_send
#pragma redefine_extname sendto check_sendto
#pragma redefine_extname writev check_writev
#pragma redefine_extname vdprintf check_vdprintf
#pragma redefine_extname dprintf check_dprintf
#pragma redefine_extname read check_read
#pragma redefine_extname recv check_recv
#pragma redefine_extname readlink check_readlink
#pragma redefine_extname getrandom check_getrandom
#pragma redefine_extname recvfrom check_recvfrom
#pragma redefine_extname readv check_readv
#pragma redefine_extname access check_access
#pragma redefine_extname unlink check_unlink
#pragma redefine_extname remove check_remove
#pragma redefine_extname rename check_rename
#pragma redefine_extname mkdir check_mkdir
#pragma redefine_extname rmdir check_rmdir
#pragma redefine_extname chdir check_chdir
#pragma redefine_extname pipe check_pipe
#pragma redefine_extname pipe2 check_pipe2
#pragma redefine_extname socketpair check_socketpair
#if !defined(_FILE_OFFSET_BITS) || _FILE_OFFSET_BITS != 64 /* which gives them other names itself */
#pragma redefine_extname pwrite check_pwrite
#pragma redefine_extname pwritev check_pwritev
#pragma redefine_extname pread check_pread
#pragma redefine_extname preadv check_preadv
#pragma redefine_extname open check_open
#pragma redefine_extname openat check_openat
#pragma redefine_extname creat check_creat
#pragma redefine_extname fopen check_fopen
#pragma redefine_extname stat check_stat
#pragma redefine_extname lstat check_lstat
#pragma redefine_extname fstat check_fstat
#endif

/* Random numbers whose state is the program's, and others; rand() is among redirect_memory.h. */
#pragma redefine_extname rand_r check_rand_r
#pragma redefine_extname erand48 check_erand48
#pragma redefine_extname nrand48 check_nrand48
#pragma redefine_extname jrand48 check_jrand48
#pragma redefine_extname drand48 check_drand48
#pragma redefine_extname lrand48 check_lrand48
#pragma redefine_extname mrand48 check_mrand48
#pragma redefine_extname srand48 check_srand48

/* The environment, errors and tables. */
#pragma redefine_extname getenv check_getenv
#pragma redefine_extname secure_getenv check_secure_getenv
#pragma redefine_extname setenv check_setenv
#pragma redefine_extname unsetenv check_unsetenv
#pragma redefine_extname putenv check_putenv
#pragma redefine_extname clearenv check_clearenv
#pragma redefine_extname perror check_perror
#ifdef _GNU_SOURCE /* otherwise it is another function, and has another name */
#pragma redefine_extname strerror_r check_strerror_r
#endif
#pragma redefine_extname __xpg_strerror_r check_xpg_strerror_r
#pragma redefine_extname swab check_swab
#pragma redefine_extname gethostname check_gethostname
#pragma redefine_extname getentropy check_getentropy
#pragma redefine_extname qsort_r check_qsort_r
#pragma redefine_extname lsearch check_lsearch

/* Signals, and waits that are sleeps. */
#pragma redefine_extname poll check_poll
#pragma redefine_extname select check_select
#pragma redefine_extname pause check_pause

#endif
