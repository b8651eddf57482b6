# What `cmake --install` puts where, and the Debian package with the same files (cpack).
include(GNUInstallDirs)

# Completions and manual pages come from the program itself, so they say what --help says.
if(NOT CMAKE_CROSSCOMPILING)
  set(generated ${PROJECT_BINARY_DIR}/generated)
  add_custom_command(
    OUTPUT ${generated}.stamp
    COMMAND ${CMAKE_COMMAND} -E rm -rf ${generated}
    COMMAND tidesync generate ${generated}
    COMMAND ${CMAKE_COMMAND} -E touch ${generated}.stamp
    DEPENDS tidesync
    COMMENT "Writing completions and manual pages"
    VERBATIM)
  add_custom_target(tidesync_documents ALL DEPENDS ${generated}.stamp)
  install(DIRECTORY ${generated}/man/ DESTINATION ${CMAKE_INSTALL_MANDIR}/man1)
  install(FILES ${generated}/bash/tidesync
          DESTINATION ${CMAKE_INSTALL_DATADIR}/bash-completion/completions)
  install(FILES ${generated}/fish/tidesync.fish
          DESTINATION ${CMAKE_INSTALL_DATADIR}/fish/vendor_completions.d)
  install(FILES ${generated}/powershell/tidesync.ps1
          DESTINATION ${CMAKE_INSTALL_DATADIR}/tidesync)
  # Debian's zsh looks below /usr only into the folder for packages.
  install(CODE "set(TIDESYNC_ZSH_FOLDER site-functions)
  if(CMAKE_INSTALL_PREFIX STREQUAL \"/usr\")
    set(TIDESYNC_ZSH_FOLDER vendor-completions)
  endif()")
  install(FILES ${generated}/zsh/_tidesync
          DESTINATION "${CMAKE_INSTALL_DATADIR}/zsh/\${TIDESYNC_ZSH_FOLDER}")
endif()

install(DIRECTORY docs/ DESTINATION ${CMAKE_INSTALL_DOCDIR})
install(FILES README.md DESTINATION ${CMAKE_INSTALL_DOCDIR})
# The units that `tidesync schedule install` fills in, to read and to write others by.
install(DIRECTORY tasks/ DESTINATION ${CMAKE_INSTALL_DOCDIR}/examples
        PATTERN CMakeLists.txt EXCLUDE)

set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_NAME tidesync)
set(CPACK_PACKAGE_VENDOR "tidesync developers")
set(CPACK_PACKAGE_CONTACT "tidesync developers <tidesync@localhost>")
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "merges SQLite databases through a folder on a NAS")
set(CPACK_DEBIAN_PACKAGE_DESCRIPTION
    "Several people work with the same desktop application, each with an SQLite
database on their own computer. tidesync merges these databases through an
ordinary folder on a NAS: there is no server, and nobody waits for the
network while working.")
set(CPACK_DEBIAN_PACKAGE_SECTION database)
set(CPACK_DEBIAN_PACKAGE_PRIORITY optional)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_PACKAGING_INSTALL_PREFIX /usr)
set(CPACK_STRIP_FILES ON)
set(CPACK_INSTALL_DEFAULT_DIRECTORY_PERMISSIONS
    OWNER_READ OWNER_WRITE OWNER_EXECUTE GROUP_READ GROUP_EXECUTE WORLD_READ WORLD_EXECUTE)
include(CPack)
