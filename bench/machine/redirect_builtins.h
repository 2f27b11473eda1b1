/*
 * redirect_builtins.h - the part of redirect.h for functions that compilers know: malloc(), and those of string.h,
 * stdio.h and stdlib.h.
 *
 * A compiler has its own code for many of these, and leaves out what their description makes needless, such as
 * a write before free().  So another name for the linker would not do, and they are macros: without
 * parameters, so that a function that is passed on is the model, and a member of that name is another one
 * everywhere.  printf and scanf are names of format attributes as well, and so have parameters.
 */
#ifndef CONTEND_BENCH_MACHINE_REDIRECT_BUILTINS_H
#define CONTEND_BENCH_MACHINE_REDIRECT_BUILTINS_H

#undef malloc
#undef calloc
#undef realloc
#undef free
#undef memcpy
#undef mempcpy
#undef memccpy
#undef memmove
#undef memset
#undef memcmp
#undef memchr
#undef memrchr
#undef memmem
#undef rawmemchr
#undef bcmp
#undef bcopy
#undef bzero
#undef explicit_bzero
#undef strlen
#undef strnlen
#undef strcmp
#undef strncmp
#undef strcoll
#undef strxfrm
#undef strverscmp
#undef strcasecmp
#undef strncasecmp
#undef strchr
#undef strrchr
#undef strchrnul
#undef strstr
#undef strcasestr
#undef strspn
#undef strcspn
#undef strpbrk
#undef strsep
#undef strtok
#undef strtok_r
#undef strcpy
#undef stpcpy
#undef strncpy
#undef stpncpy
#undef strcat
#undef strncat
#undef strdup
#undef strndup
#undef sprintf
#undef snprintf
#undef vsprintf
#undef vsnprintf
#undef asprintf
#undef vasprintf
#undef fwrite
#undef fread
#undef fgets
#undef fputs
#undef puts
#undef vprintf
#undef fprintf
#undef vfprintf
#undef sscanf
#undef fscanf
#undef qsort
#undef strtol
#undef strtoul
#undef strtoll
#undef strtoull
#undef strtod
#undef strtof
#undef strtold
#undef atoi
#undef atol
#undef atoll
#undef atof
#undef printf
#undef scanf

#define malloc check_malloc
#define calloc check_calloc
#define realloc check_realloc
#define free check_free
#define memcpy check_memcpy
#define mempcpy check_mempcpy
#define memccpy check_memccpy
#define memmove check_memmove
#define memset check_memset
#define memcmp check_memcmp
#define memchr check_memchr
#define memrchr check_memrchr
#define memmem check_memmem
#define rawmemchr check_rawmemchr
#define bcmp check_bcmp
#define bcopy check_bcopy
#define bzero check_bzero
#define explicit_bzero check_explicit_bzero
#define strlen check_strlen
#define strnlen check_strnlen
#define strcmp check_strcmp
#define strncmp check_strncmp
#define strcoll check_strcoll
#define strxfrm check_strxfrm
#define strverscmp check_strverscmp
#define strcasecmp check_strcasecmp
#define strncasecmp check_strncasecmp
#define strchr check_strchr
#define strrchr check_strrchr
#define strchrnul check_strchrnul
#define strstr check_strstr
#define strcasestr check_strcasestr
#define strspn check_strspn
#define strcspn check_strcspn
#define strpbrk check_strpbrk
#define strsep check_strsep
#define strtok check_strtok
#define strtok_r check_strtok_r
#define strcpy check_strcpy
#define stpcpy check_stpcpy
#define strncpy check_strncpy
#define stpncpy check_stpncpy
#define strcat check_strcat
#define strncat check_strncat
#define strdup check_strdup
#define strndup check_strndup
#define sprintf check_sprintf
#define snprintf check_snprintf
#define vsprintf check_vsprintf
#define vsnprintf check_vsnprintf
#define asprintf check_asprintf
#define vasprintf check_vasprintf
#define fwrite check_fwrite
#define fread check_fread
#define fgets check_fgets
#define fputs check_fputs
#define puts check_puts
#define vprintf check_vprintf
#define fprintf check_fprintf
#define vfprintf check_vfprintf
#define sscanf check_sscanf
#define fscanf check_fscanf
#define qsort check_qsort
#define strtol check_strtol
#define strtoul check_strtoul
#define strtoll check_strtoll
#define strtoull check_strtoull
#define strtod check_strtod
#define strtof check_strtof
#define strtold check_strtold
#define atoi check_atoi
#define atol check_atol
#define atoll check_atoll
#define atof check_atof
#define printf(...) check_printf(__VA_ARGS__)
#define scanf(...) check_scanf(__VA_ARGS__)
#ifndef __cplusplus /* which has another getline */
#define getline check_getline
#endif
#define getdelim check_getdelim

#ifdef __cplusplus /* std::memcpy becomes std::check_memcpy */
namespace std
{
using ::check_atof;
using ::check_atoi;
using ::check_atol;
using ::check_atoll;
using ::check_calloc;
using ::check_fgets;
using ::check_fprintf;
using ::check_fputs;
using ::check_fread;
using ::check_free;
using ::check_fscanf;
using ::check_fwrite;
using ::check_malloc;
using ::check_memchr;
using ::check_memcmp;
using ::check_memcpy;
using ::check_memmove;
using ::check_memset;
using ::check_printf;
using ::check_puts;
using ::check_qsort;
using ::check_realloc;
using ::check_scanf;
using ::check_snprintf;
using ::check_sprintf;
using ::check_sscanf;
using ::check_strcat;
using ::check_strchr;
using ::check_strcmp;
using ::check_strcoll;
using ::check_strcpy;
using ::check_strcspn;
using ::check_strlen;
using ::check_strncat;
using ::check_strncmp;
using ::check_strncpy;
using ::check_strpbrk;
using ::check_strrchr;
using ::check_strspn;
using ::check_strstr;
using ::check_strtod;
using ::check_strtof;
using ::check_strtok;
using ::check_strtol;
using ::check_strtold;
using ::check_strtoll;
using ::check_strtoul;
using ::check_strtoull;
using ::check_strxfrm;
using ::check_vfprintf;
using ::check_vprintf;
using ::check_vsnprintf;
using ::check_vsprintf;
} // namespace std
#endif

#endif
