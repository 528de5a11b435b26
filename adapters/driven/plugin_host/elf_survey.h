/*
 * What a shared library shows to and asks of others, read as data: for those who judge a plugin
 * without running it. Nothing in the file is believed (elf_file.h).
 */
#pragma once

#include "core/base/error.h"
#include "core/base/str.h"

/* Each function may be NULL. Texts are borrowed from the image. */
struct elf_visitor {
    void *ctx;
    void (*exported)(void *ctx, struct str name);
    void (*undefined)(void *ctx, struct str name, bool weak);
    void (*needed)(void *ctx, struct str library);
    void (*search_path)(void *ctx, struct str paths); /* RPATH or RUNPATH, joined by ':' */
};

struct elf_survey {
    bool text_relocations; /* the loader must write into the code  */
    bool executable_stack;
};

/* Errors as elf_read. */
int elf_survey(struct str image, const struct elf_visitor *visitor, struct elf_survey *out,
               struct error *err);
