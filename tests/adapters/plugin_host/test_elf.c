#include <elf.h>
#include <stdio.h>
#include <stdlib.h>

#include "adapters/driven/plugin_host/elf_image.h"
#include "adapters/driven/plugin_host/elf_survey.h"
#include "core/base/buffer.h"
#include "tests/adapters/plugin_host/fixture.h"

static char *image;
static size_t image_size;

static int load_image(void **state)
{
    char path[512];
    (void)state;
    snprintf(path, sizeof(path), "%s/hexmcp.test.bad/plugin.so", getenv("TEST_PLUGINS"));
    FILE *file = fopen(path, "rb");
    assert_non_null(file);
    fseek(file, 0, SEEK_END);
    image_size = (size_t)ftell(file);
    rewind(file);
    image = malloc(image_size);
    assert_int_equal(fread(image, 1, image_size, file), image_size);
    fclose(file);
    return 0;
}

static int free_image(void **state)
{
    (void)state;
    free(image);
    return 0;
}

static void a_plugin_is_read_as_data(void **state)
{
    struct elf_facts facts;
    enum refusal why;
    (void)state;
    assert_int_equal(elf_read((struct str){image, image_size}, &facts, &why, NULL), ST_OK);
    assert_string_equal(facts.info.id, "hexmcp.test.bad");
    assert_string_equal(facts.info.version, "1.0.0");
    assert_int_equal(facts.info.abi_major, HEXMCP_ABI_MAJOR);
    buffer_add_char(&facts.needed, '\0');
    assert_non_null(strstr(facts.needed.data, "\"libc.so.6\""));
    buffer_clear(&facts.needed);
}

/* What a sanitizer adds to a library is left out. */
static void add_line(void *ctx, struct str name)
{
    if (str_starts(name, STR("__")))
        return;
    buffer_add_str(ctx, name);
    buffer_add_char(ctx, '\n');
}

static void add_undefined(void *ctx, struct str name, bool weak)
{
    if (!weak)
        add_line(ctx, name);
}

static void a_survey_tells_what_is_shown_and_asked(void **state)
{
    struct buffer shown = BUFFER_INIT, asked = BUFFER_INIT;
    struct elf_visitor visitor = {.ctx = &shown, .exported = add_line};
    struct elf_survey facts;
    (void)state;
    assert_int_equal(elf_survey((struct str){image, image_size}, &visitor, &facts, NULL), ST_OK);
    assert_false(facts.text_relocations);
    assert_false(facts.executable_stack);
    buffer_add_char(&shown, '\0');
    assert_true(strcmp(shown.data, "hexmcp_plugin_create\nhexmcp_plugin_info\n") == 0 ||
                strcmp(shown.data, "hexmcp_plugin_info\nhexmcp_plugin_create\n") == 0);
    visitor = (struct elf_visitor){.ctx = &asked, .undefined = add_undefined, .needed = add_line};
    assert_int_equal(elf_survey((struct str){image, image_size}, &visitor, &facts, NULL), ST_OK);
    buffer_add_char(&asked, '\0');
    assert_non_null(strstr(asked.data, "calloc\n"));
    assert_non_null(strstr(asked.data, "libc.so.6\n"));
    buffer_clear(&shown);
    buffer_clear(&asked);
}

static void refused(size_t at, const void *bytes, size_t len, enum refusal want,
                    const char *message)
{
    struct elf_facts facts;
    enum refusal why;
    struct error err;
    char *copy = malloc(image_size);
    memcpy(copy, image, image_size);
    memcpy(copy + at, bytes, len);
    assert_true(elf_read((struct str){copy, image_size}, &facts, &why, &err) < 0);
    free(copy);
    assert_string_equal(err.text, message);
    assert_int_equal(why, want);
}

static void wrong_kinds_are_told(void **state)
{
    char text[128];
    const uint16_t machine = EM_386, executable = ET_EXEC, segments = 65;
    (void)state;
    refused(0, "\x7f" "ELG", 4, REFUSED_ELF, "plugin.so: no ELF file");
    refused(EI_CLASS, "\1", 1, REFUSED_ELF, "plugin.so: no 64-bit little-endian ELF file");
    refused(EI_DATA, "\2", 1, REFUSED_ELF, "plugin.so: no 64-bit little-endian ELF file");
    snprintf(text, sizeof(text),
             "plugin.so: built for ELF machine 3, this hexmcp runs on %u; build the plugin for "
             "this processor",
             ((Elf64_Ehdr *)(void *)image)->e_machine);
    refused(offsetof(Elf64_Ehdr, e_machine), &machine, 2, REFUSED_ELF, text);
    refused(offsetof(Elf64_Ehdr, e_type), &executable, 2, REFUSED_ELF,
            "plugin.so: no shared library");
    refused(offsetof(Elf64_Ehdr, e_phnum), &segments, 2, REFUSED_ELF,
            "plugin.so: unreadable program headers");
}

static size_t find(const char *needle, size_t len)
{
    for (size_t i = 0; i + len <= image_size; i++)
        if (memcmp(image + i, needle, len) == 0)
            return i;
    fail_msg("not in the image: %s", needle);
    return 0;
}

static void damaged_info_is_told(void **state)
{
    char id[128];
    size_t at = find(HEXMCP_MAGIC, 8);
    (void)state;
    refused(at, "h", 1, REFUSED_SYMBOL,
            "plugin.so: hexmcp_plugin_info does not begin with its magic and size");
    refused(at + 8, "\1\0\0\0", 4, REFUSED_SYMBOL,
            "plugin.so: hexmcp_plugin_info does not begin with its magic and size");
    memset(id, 'a', sizeof(id));
    refused(at + offsetof(hexmcp_plugin_info_1, id), id, sizeof(id), REFUSED_SYMBOL,
            "plugin.so: id or version in hexmcp_plugin_info is too long");
    /* the first one is in the table of dynamic strings */
    refused(find("hexmcp_plugin_info", 18), "hexmcp_plugin_anfo", 18, REFUSED_SYMBOL,
            "plugin.so: exports no constant hexmcp_plugin_info; use HEXMCP_PLUGIN_DEFINE");
}

/* Every cut and many single damaged bytes: an answer, and no byte outside is touched (the copy is
 * exactly as large as the image, so that a sanitizer sees it). */
static void cut_and_damaged_files_are_survived(void **state)
{
    const struct elf_visitor nobody = {0};
    struct elf_survey survey;
    struct elf_facts facts;
    enum refusal why;
    unsigned long good = 0, bad = 0;
    (void)state;
    for (size_t size = 0; size < image_size; size += 1 + size / 64) {
        char *copy = malloc(size + 1);
        memcpy(copy, image, size);
        if (elf_read((struct str){copy, size}, &facts, &why, NULL) == ST_OK)
            buffer_clear(&facts.needed);
        elf_survey((struct str){copy, size}, &nobody, &survey, NULL);
        free(copy);
    }
    for (size_t at = 0; at < 4096 && at < image_size; at++) {
        char *copy = malloc(image_size);
        memcpy(copy, image, image_size);
        copy[at] = (char)~copy[at];
        elf_survey((struct str){copy, image_size}, &nobody, &survey, NULL);
        if (elf_read((struct str){copy, image_size}, &facts, &why, NULL) == ST_OK) {
            buffer_clear(&facts.needed);
            good++;
        } else {
            bad++;
        }
        free(copy);
    }
    assert_true(good > 0 && bad > 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_plugin_is_read_as_data),
        cmocka_unit_test(a_survey_tells_what_is_shown_and_asked),
        cmocka_unit_test(wrong_kinds_are_told),
        cmocka_unit_test(damaged_info_is_told),
        cmocka_unit_test(cut_and_damaged_files_are_survived),
    };
    cmocka_set_message_output(CM_OUTPUT_TAP);
    return cmocka_run_group_tests(tests, load_image, free_image);
}
