$ErrorActionPreference = 'Stop'

$key = Get-UninstallRegistryKey -SoftwareName 'Wherry'
if ($key) {
  Uninstall-ChocolateyPackage -PackageName 'wherry' -FileType 'exe' -SilentArgs '/S' -File ($key.UninstallString.Trim('"'))
}
