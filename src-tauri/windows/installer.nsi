; The installer of Wherry for one person: `package` beside this file calls it with VERSION, FILES and OUT.
; Quiet: Wherry-setup.exe /S [/D=folder]; and the same for uninstall.exe.

Target amd64-unicode
Unicode true
SetCompressor /SOLID lzma
RequestExecutionLevel user
ManifestDPIAware true

!include MUI2.nsh
!include FileFunc.nsh

!define PROGRAM "Software\Microsoft\Windows\CurrentVersion\Uninstall\Wherry"
!define PATHS "Software\Microsoft\Windows\CurrentVersion\App Paths"
!define SCHEME "Software\Classes\wherry"
; The registration of the WebView2 runtime, which Windows 11 has and Windows 10 mostly has.
!define WEBVIEW "Microsoft\EdgeUpdate\Clients\{F3017226-FE2A-4295-8BDF-00C3A9A7E4C5}"

Name "Wherry"
OutFile "${OUT}"
InstallDir "$LOCALAPPDATA\Programs\Wherry"
InstallDirRegKey HKCU "${PROGRAM}" "InstallLocation"
BrandingText "Wherry ${VERSION}"
VIProductVersion "${VERSION}.0"
VIAddVersionKey "ProductName" "Wherry"
VIAddVersionKey "ProductVersion" "${VERSION}"
VIAddVersionKey "FileVersion" "${VERSION}"
VIAddVersionKey "FileDescription" "Wherry, send files straight to people you know"
VIAddVersionKey "LegalCopyright" "MIT OR Apache-2.0"

!define MUI_ICON "${ICON}"
!define MUI_UNICON "${ICON}"
!define MUI_FINISHPAGE_RUN "$INSTDIR\wherry-app.exe"
!insertmacro MUI_PAGE_DIRECTORY
!insertmacro MUI_PAGE_INSTFILES
!insertmacro MUI_PAGE_FINISH
!insertmacro MUI_UNPAGE_CONFIRM
!insertmacro MUI_UNPAGE_INSTFILES
!insertmacro MUI_LANGUAGE "English"
!insertmacro MUI_LANGUAGE "German"
!insertmacro MUI_LANGUAGE "Arabic"

LangString NO_WEBVIEW ${LANG_ENGLISH} "The window of Wherry needs Microsoft's WebView2 runtime, which this computer lacks. Install it from developer.microsoft.com/microsoft-edge/webview2. The command line works without it."
LangString NO_WEBVIEW ${LANG_GERMAN} "Das Fenster von Wherry braucht die WebView2-Laufzeit von Microsoft, die auf diesem Computer fehlt. Sie ist unter developer.microsoft.com/microsoft-edge/webview2 zu haben. Die Befehlszeile geht auch ohne sie."
LangString NO_WEBVIEW ${LANG_ARABIC} "تحتاج نافذة Wherry إلى بيئة WebView2 من Microsoft، وهي غير موجودة على هذا الجهاز. يمكن تثبيتها من developer.microsoft.com/microsoft-edge/webview2. يعمل سطر الأوامر من دونها."

Section "Wherry"
  SetOutPath "$INSTDIR"
  File "${FILES}\wherry-app.exe"
  File "${FILES}\wherry.exe"
  File "${FILES}\WebView2Loader.dll"
  File "${FILES}\LICENSE-APACHE.txt"
  File "${FILES}\LICENSE-MIT.txt"
  File "${FILES}\third-parties.txt"
  WriteUninstaller "$INSTDIR\uninstall.exe"

  CreateShortcut "$SMPROGRAMS\Wherry.lnk" "$INSTDIR\wherry-app.exe"
  CreateShortcut "$SENDTO\Wherry.lnk" "$INSTDIR\wherry-app.exe"

  ; Links only ever prefill a form.
  WriteRegStr HKCU "${SCHEME}" "" "URL:Wherry"
  WriteRegStr HKCU "${SCHEME}" "URL Protocol" ""
  WriteRegStr HKCU "${SCHEME}\DefaultIcon" "" "$INSTDIR\wherry-app.exe,0"
  WriteRegStr HKCU "${SCHEME}\shell\open\command" "" '"$INSTDIR\wherry-app.exe" "%1"'

  WriteRegStr HKCU "${PATHS}\wherry.exe" "" "$INSTDIR\wherry.exe"
  WriteRegStr HKCU "${PATHS}\wherry-app.exe" "" "$INSTDIR\wherry-app.exe"

  WriteRegStr HKCU "${PROGRAM}" "DisplayName" "Wherry"
  WriteRegStr HKCU "${PROGRAM}" "DisplayVersion" "${VERSION}"
  WriteRegStr HKCU "${PROGRAM}" "Publisher" "The Wherry developers"
  WriteRegStr HKCU "${PROGRAM}" "DisplayIcon" "$INSTDIR\wherry-app.exe"
  WriteRegStr HKCU "${PROGRAM}" "InstallLocation" "$INSTDIR"
  WriteRegStr HKCU "${PROGRAM}" "UninstallString" '"$INSTDIR\uninstall.exe"'
  WriteRegStr HKCU "${PROGRAM}" "QuietUninstallString" '"$INSTDIR\uninstall.exe" /S'
  WriteRegDWORD HKCU "${PROGRAM}" "NoModify" 1
  WriteRegDWORD HKCU "${PROGRAM}" "NoRepair" 1
  ${GetSize} "$INSTDIR" "/S=0K" $0 $1 $2
  WriteRegDWORD HKCU "${PROGRAM}" "EstimatedSize" $0

  ReadRegStr $0 HKLM "SOFTWARE\WOW6432Node\${WEBVIEW}" "pv"
  ReadRegStr $1 HKCU "Software\${WEBVIEW}" "pv"
  StrCmp "$0$1" "" 0 +2
    MessageBox MB_OK|MB_ICONINFORMATION "$(NO_WEBVIEW)" /SD IDOK
SectionEnd

; What a person has, keys and contacts and history, stays: it lies elsewhere.
Section "Uninstall"
  Delete "$INSTDIR\wherry-app.exe"
  Delete "$INSTDIR\wherry.exe"
  Delete "$INSTDIR\WebView2Loader.dll"
  Delete "$INSTDIR\LICENSE-APACHE.txt"
  Delete "$INSTDIR\LICENSE-MIT.txt"
  Delete "$INSTDIR\third-parties.txt"
  Delete "$INSTDIR\uninstall.exe"
  RMDir "$INSTDIR"
  Delete "$SMPROGRAMS\Wherry.lnk"
  Delete "$SENDTO\Wherry.lnk"
  DeleteRegKey HKCU "${SCHEME}"
  DeleteRegKey HKCU "${PATHS}\wherry.exe"
  DeleteRegKey HKCU "${PATHS}\wherry-app.exe"
  DeleteRegKey HKCU "${PROGRAM}"
  DeleteRegValue HKCU "Software\Microsoft\Windows\CurrentVersion\Run" "Wherry"
SectionEnd
