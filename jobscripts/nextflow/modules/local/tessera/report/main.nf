// One page that shows a run. What is staged may not be changed: the page is made in a copy of the result.
process TESSERA_REPORT {
    tag "${meta.id}"

    input:
    tuple val(meta), path(found)

    output:
    tuple val(meta), path('report.html'), emit: page
    path 'versions.yml', emit: versions

    script:
    """
    page='${meta.id}' # the folder's name is the page's
    cp -rL reconstruct "\$page"
    for file in compare.json resolution/{resolution.json,frc.png} \\
      calibrate/{calibration.json,mean_pattern.png,candidates.png,dpc.png,bright_field.png,parallax.png}; do
      if [[ -e \$file ]]; then cp -L "\$file" "\$page"; fi
    done
    ${params.tessera} report "\$page"
    mv "\$page/report.html" .

    printf '"%s":\\n  tessera: %s\\n' '${task.process}' "\$(${params.tessera} --version | sed -n '1s/^tessera \\([^ ]*\\).*/\\1/p')" >versions.yml
    """

    stub:
    """
    touch report.html versions.yml
    """
}
