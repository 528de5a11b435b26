/*
 * Log lines on stderr. A reader who does not read must not hold up the server: a line that would
 * block is dropped and counted, and the count is told with the next line that fits.
 */
#pragma once

#include "ports/driven/log.h"

enum log_format { LOG_FORMAT_TEXT, LOG_FORMAT_JSON };

struct stderr_log;

/* Lines below `lowest` are dropped. NULL without memory. */
struct stderr_log *stderr_log_new(enum log_level lowest, enum log_format format);

/* NULL is allowed. */
void stderr_log_free(struct stderr_log *log);

/* While on, each line first erases the line of the terminal on which the cursor stands, for somebody
 * who draws there. */
void stderr_log_over_line(struct stderr_log *log, bool on);

/* Lives as long as the log. */
const struct log_port *stderr_log_port(struct stderr_log *log);

/* "debug" ... "emergency". */
const char *log_level_name(enum log_level level);

/* False if `name` is no level. */
bool log_level_parse(struct str name, enum log_level *out);
