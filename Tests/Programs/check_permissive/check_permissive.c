/* SPDX-License-Identifier: MIT */
/*
 * Checks what permissive and null_module.c say of themselves. Values are written by hand, or computed here once more.
 * Usage: check_permissive PERMISSIVE PERMISSIVE-240 NULL-MODULE. The last line counts: "N checks, M failed".
 */
#include "check_permissive.h"

#include <stdio.h>

int main(int argc, char **argv)
{
    if (argc != 4) {
        fprintf(stderr, "usage: check_permissive PERMISSIVE PERMISSIVE-240 NULL-MODULE\n");
        return 64;
    }
    module_path = argv[1];
    prepare();
    check_all_at_once();
    check_restart();
    check_single_part();
    check_dual();
    check_messages();
    check_sessions();
    check_objects();
    check_states();
    check_interfaces();
    check_options();
    check_callback();
    check_threads();
    check_processes();
    check_forks();
    check_arguments();
    check_240(argv[2]);
    check_null_module(argv[3]);
    return report();
}
