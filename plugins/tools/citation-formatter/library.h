/*
 * library.h - the entries of a bibliography, and what is wrong with them.
 *
 * SPDX-License-Identifier: MIT
 *
 * Texts are UTF-8, ended by NUL, and live as long as the library. What is not there is NULL.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#define ENTRIES_MAX 1000
#define ENTRY_BYTES_MAX 5000
#define ISSUES_MAX 500
#define PEOPLE_MAX 500

enum entry_type {
    ENTRY_OTHER,
    ENTRY_ARTICLE,
    ENTRY_BOOK,
    ENTRY_CHAPTER,
    ENTRY_CONFERENCE,
    ENTRY_THESIS,
    ENTRY_WEBPAGE,
    ENTRY_REPORT,
    ENTRY_MAGAZINE, /* and newspapers: by day, not by volume */
};

struct person {
    const char *family; /* or the whole name of an organisation */
    const char *given, *particle, *suffix;
};

struct people {
    struct person *at;
    size_t count, room;
    bool others; /* there are more, who are not named */
};

struct date {
    int year, month, day; /* 0: unknown; a year before Christ is negative */
};

struct entry {
    const char *key;
    enum entry_type type;
    const char *type_name; /* as it was given */
    const char *title, *container, *volume, *issue, *pages, *publisher, *place, *edition, *doi, *url,
        *genre, *number, *isbn;
    const char *crossref; /* key of the book that it is a part of, which has the fields that it lacks */
    struct people authors, editors;
    struct date issued, accessed;
    int line; /* where it begins; 0: unknown */
};

struct issue {
    const char *key; /* of the entry; NULL: of the text */
    const char *field; /* or NULL */
    bool error;      /* else a warning */
    int line;
    const char *message;
};

struct library {
    struct block *memory;
    struct entry *entries;
    size_t count, room;
    struct issue *issues;
    size_t issue_count, issue_room;
    size_t issues_left_out;
    bool broken;          /* it could not be read: the issues say why */
    bool out_of_memory;
};

void library_free(struct library *library);

/* Memory of the library; NULL without, and out_of_memory is set. */
void *library_memory(struct library *library, size_t size);
char *library_text(struct library *library, const char *text, size_t len);

/* NULL without memory or above ENTRIES_MAX, with an issue. */
struct entry *library_add(struct library *library, const char *key, int line);
struct person *library_add_person(struct library *library, struct people *people);

/* An issue that ends the reading. */
__attribute__((format(printf, 3, 4))) void library_broken(struct library *library, int line,
                                                          const char *format, ...);
__attribute__((format(printf, 5, 6))) void library_issue(struct library *library,
                                                         const struct entry *entry, const char *field,
                                                         bool error, const char *format, ...);

/* The entry of this key, or NULL. */
const struct entry *library_find(const struct library *library, const char *key);

/* Reads "1998", "1998-05", "1998-05-03" and what stands behind; leaves the date alone if it is none. */
void date_read(const char *text, struct date *date);
/* "may", "May.", "5"; 0 if it is none. */
int month_read(const char *text);

/* Without "https://doi.org/" and "doi:". */
const char *doi_of(const char *text);

/* What is written in BibTeX, YAML or JSON, `len` bytes. */
void bibtex_read(const char *text, size_t len, struct library *out);
void yaml_read(const char *text, size_t len, struct library *out);

/* Gives each entry with a crossref what it lacks of the entry that this names. */
void library_inherit(struct library *library);

/* Adds issues for what the entries lack. */
void library_check(struct library *library);
