/*
 * directory.h - the people who write, and their blogs: names, titles, and which posts a blog has.
 *
 * It changes rarely and is never what is measured, so one mutex guards all of it.  The posts
 * themselves are kept by a means of bench/serve/posts; blogs_posts.h joins both.
 *
 * People have ids of their own choice; blogs are numbered from 1 and are never taken away.  A call
 * that fails returns a negative errno value and changes nothing.  Any thread may call, except that
 * functions named _locked want the caller to have entered.
 */
#ifndef CONTEND_BENCH_SERVE_DIRECTORY_H
#define CONTEND_BENCH_SERVE_DIRECTORY_H

#include <stddef.h>
#include <stdint.h>

/* Bytes of a name, of a bio and of a blog's title, and blogs of one person, at most. */
enum { DIRECTORY_NAME = 64, DIRECTORY_BIO = 64, DIRECTORY_TITLE = 96, DIRECTORY_BLOGS = 64 };

struct directory;

/* Texts are UTF-8 without a 0; they do not end in one, and may be empty. */
struct directory_person {
    uint64_t id;
    uint32_t name_size, bio_size;
    char name[DIRECTORY_NAME], bio[DIRECTORY_BIO];
};

struct directory_blog {
    uint64_t id, owner, posts; /* how many posts it has ever had */
    uint32_t title_size;
    char title[DIRECTORY_TITLE];
};

/* Makes one for so many people and blogs at most.  NULL without memory. */
struct directory *directory_make(uint64_t most_people, uint64_t most_blogs);
/* NULL is allowed. */
void directory_end(struct directory *d);

/* Keeps others out until directory_leave(): for what must change together with a post. */
void directory_enter(struct directory *d);
void directory_leave(struct directory *d);

/* A new person, or new texts of one.  1: is new; 0; -ENOSPC, -ENOMEM. */
int directory_set_person_locked(struct directory *d, const struct directory_person *p);
/* 0, or -ENOENT. */
int directory_person_locked(struct directory *d, uint64_t id, struct directory_person *out);
int directory_person(struct directory *d, uint64_t id, struct directory_person *out);

/*
 * Opens a blog of the title and owner in *b, and sets its id.  0; -ENOENT: there is no such person;
 * -EMFILE: who owns too many; -ENOSPC, -ENOMEM.
 */
int directory_open(struct directory *d, struct directory_blog *b);
/* 0, or -ENOENT. */
int directory_blog_locked(struct directory *d, uint64_t id, struct directory_blog *out);
int directory_blog(struct directory *d, uint64_t id, struct directory_blog *out);
/* How many blogs there are; they have the ids up to that. */
uint64_t directory_blogs(struct directory *d);
/* The blogs of an owner in the order of their ids, at most `most`; how many, or -ENOENT. */
int directory_of_locked(struct directory *d, uint64_t owner, struct directory_blog *out, unsigned most);
int directory_of(struct directory *d, uint64_t owner, struct directory_blog *out, unsigned most);

/*
 * Adds a post to a blog that is there, above those that it has, or else directory_sort() must follow.
 * 0, or -ENOMEM.
 */
int directory_add_post_locked(struct directory *d, uint64_t blog, uint64_t post);
/* Puts the posts of every blog in order, after they were added in any. */
void directory_sort(struct directory *d);
/*
 * The posts of a blog in the order in which they came, the ones above `after` alone; how many were
 * stored, at most `most`.  They may have been deleted or purged since.
 */
unsigned directory_posts_locked(struct directory *d, uint64_t blog, uint64_t after, uint64_t *out,
                                unsigned most);
unsigned directory_posts(struct directory *d, uint64_t blog, uint64_t after, uint64_t *out,
                         unsigned most);

/* Calls fn for each person, in the order of ids, until it returns other than 0; it uses no directory. */
int directory_each_person(struct directory *d, int (*fn)(void *ctx, const struct directory_person *p),
                          void *ctx);

#endif
