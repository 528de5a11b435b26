/*
 * absent.c - the engines that hexmcp was built without.
 *
 * SPDX-License-Identifier: MIT
 */
#include "job.h"

#ifndef WITH_POSTGRESQL
int32_t postgresql_run(struct job *job)
{
    return hexmcp_fail(job->r->err, HEXMCP_E_UNSUPPORTED,
                       "hexmcp was built without PostgreSQL; install libpq-dev and build it again");
}
#endif

#ifndef WITH_MARIADB
int32_t mariadb_run(struct job *job)
{
    return hexmcp_fail(job->r->err, HEXMCP_E_UNSUPPORTED,
                       "hexmcp was built without MariaDB; install libmariadb-dev and build it again");
}
#endif
